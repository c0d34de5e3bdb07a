// What deku_weight_ram_2p reads after every word was written, and while other words are written, for comparing one
// version of it with another. What is read of a word that is being written has no meaning, so that words with an
// even and words with an odd number are written in turn, and the others read.
`timescale 1ns / 1ps
`default_nettype none

module bench #(
  parameter WORDS     = 3136, // words of 32 columns
  parameter ADDR_BITS = 12    // bits of a word address
);

  reg                  clk = 1'b0;  // system clock
  reg  [1:0]           plane_r;     // plane to read
  reg  [ADDR_BITS-1:0] addr_r;      // word to read
  reg  [1:0]           plane_w;     // plane to write
  reg  [ADDR_BITS-1:0] addr_w;      // word to write
  reg                  we;          // write
  reg  [63:0]          wdata;       // value to write
  wire [63:0]          rdata;       // value read
  integer              seed = 1;    // of the random accesses
  integer              n;           // accesses
  integer              fresh;       // accesses since words of the other kind were written

  deku_weight_ram_2p u_dut (
    .clk_i(clk), .early_plane_i(plane_r), .early_addr_i(addr_r),
    .plane_i(plane_w), .addr_i(addr_w), .we_i(we), .wdata_i(wdata), .rdata_o(rdata)
  );

  // One cycle; what is read is shown.
  task cycle(input integer show);
    begin
      wdata = {$random(seed), $random(seed)};
      #10 clk = 1'b1;
      #10 clk = 1'b0;
      if (show) begin
        $display("%h", rdata);
        if (^rdata === 1'bx) begin
          $display("access %0d: unknown", n);
          $finish;
        end
      end
    end
  endtask

  initial begin
    we = 1'b1;
    plane_r = 2'd0;
    addr_r = 0;
    for (n = 0; n < 4 * WORDS; n = n + 1) begin
      plane_w = n % 4;
      addr_w = n / 4;
      cycle(0);
    end
    we = 1'b0;
    for (n = 0; n < 4 * WORDS; n = n + 1) begin
      plane_r = n % 4;
      addr_r = n / 4;
      cycle(n > 3);
    end
    fresh = 0;
    for (n = 0; n < 20000; n = n + 1) begin
      fresh = n % 100;
      plane_r = $random(seed);
      plane_w = $random(seed);
      addr_r = {$random(seed)} % (WORDS / 2) * 2 + (n / 100) % 2;
      addr_w = {$random(seed)} % (WORDS / 2) * 2 + (n / 100 + 1) % 2;
      we = $random(seed) && fresh < 95;
      cycle(fresh > 3);
    end
    $display("done");
    $finish;
  end

endmodule

`default_nettype wire
