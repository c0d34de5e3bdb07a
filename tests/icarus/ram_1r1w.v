// What deku_ram_1r1w reads after every entry was written, and between random writes, for comparing one version of it
// with another. An entry is never written in the cycle in which it is read: then it may come out old or new.
`timescale 1ns / 1ps
`default_nettype none

module bench #(
  parameter WIDTH     = 16, // bits of an entry
  parameter ADDR_BITS = 8   // bits of an address
);

  localparam DEPTH = 1 << ADDR_BITS;

  reg                  clk = 1'b0; // system clock
  reg                  we;         // write
  reg  [ADDR_BITS-1:0] waddr;      // entry to write
  reg  [ADDR_BITS-1:0] raddr;      // entry to read
  reg  [WIDTH-1:0]     wdata;      // value to write
  wire [WIDTH-1:0]     rdata;      // value read
  integer              seed = 1;   // of the random accesses
  integer              n;          // accesses

  deku_ram_1r1w #(.WIDTH(WIDTH), .DEPTH(DEPTH), .ADDR_BITS(ADDR_BITS)) u_dut (
    .clk_i(clk), .we_i(we), .waddr_i(waddr), .wdata_i(wdata), .raddr_i(raddr), .rdata_o(rdata)
  );

  // One cycle; what was read is shown.
  task access(input show);
    begin
      wdata = {$random(seed), $random(seed)};
      #10 clk = 1'b1;
      #10 clk = 1'b0;
      if (show) begin
        $display("%h", rdata);
        if (^rdata === 1'bx) begin
          $display("entry %0d: unknown", raddr);
          $finish;
        end
      end
    end
  endtask

  initial begin
    we = 1'b1;
    for (n = 0; n < DEPTH; n = n + 1) begin
      waddr = n;
      raddr = ~waddr;
      access(1'b0);
    end
    we = 1'b0;
    for (n = DEPTH; n > 0; n = n - 1) begin
      raddr = n - 1;
      access(1'b1);
    end
    for (n = 0; n < 25000; n = n + 1) begin
      {we, waddr, raddr} = {$random(seed), $random(seed)};
      if (waddr == raddr) we = 1'b0;
      access(1'b1);
    end
    $display("done");
    $finish;
  end

endmodule

`default_nettype wire
