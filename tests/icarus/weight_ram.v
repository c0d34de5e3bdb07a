// What deku_weight_ram reads after every word was written, and after random writes between reads,
// for comparing one version of it with another.
`timescale 1ns / 1ps
`default_nettype none

module bench #(
  parameter ADDR_BITS = 12,            // bits of a word address
  parameter WORDS     = 1 << ADDR_BITS // words
);

  reg                  clk = 1'b0; // system clock
  reg  [1:0]           plane;      // plane of the access
  reg  [ADDR_BITS-1:0] addr;       // word of the access
  reg                  we;         // it is a write
  reg  [63:0]          wdata;      // value to write
  wire [63:0]          rdata;      // value read
  integer              seed = 1;   // of the random accesses
  integer              n;          // accesses

  deku_weight_ram #(.DEPTH(WORDS), .ADDR_BITS(ADDR_BITS)) u_dut (
    .clk_i(clk), .plane_i(plane), .addr_i(addr), .we_i(we), .wdata_i(wdata), .rdata_o(rdata)
  );

  // One access; what is read is shown.
  task access;
    begin
      wdata = {$random(seed), $random(seed)};
      #10 clk = 1'b1;
      #10 clk = 1'b0;
      if (!we) begin
        $display("%h", rdata);
        if (^rdata === 1'bx) begin
          $display("plane %0d, word %0d: unknown", plane, addr);
          $finish;
        end
      end
    end
  endtask

  initial begin
    we = 1'b1;
    for (n = 0; n < 4 * WORDS; n = n + 1) begin
      plane = n / WORDS;
      addr  = n % WORDS;
      access;
    end
    we = 1'b0;
    for (n = 4 * WORDS; n > 0; n = n - 1) begin
      plane = (n - 1) / WORDS;
      addr  = (n - 1) % WORDS;
      access;
    end
    for (n = 0; n < 50000; n = n + 1) begin
      {we, plane} = $random(seed);
      addr = {1'b0, $random(seed)} % WORDS;
      access;
    end
    $display("done");
    $finish;
  end

endmodule

`default_nettype wire
