// What deku_mac_pair does with random inputs, for comparing one version of it with another.
`timescale 1ns / 1ps
`default_nettype none

module bench;

  reg         clk = 1'b0; // system clock
  reg  [3:0]  x;          // magnitude, shared
  reg  [1:0]  hold;       // accumulator k keeps its value
  reg  [1:0]  sub;        // accumulator k subtracts
  reg         clear;      // accumulators that are not held become 0
  wire [31:0] acc;        // both accumulators
  integer     seed = 1;   // of the random inputs
  integer     n;          // cycles

  deku_mac_pair u_dut (
    .clk_i(clk), .x_i(x), .hold_i(hold), .sub_i(sub), .clear_i(clear), .acc_o(acc)
  );

  task cycle;
    begin
      #10 clk = 1'b1;
      #10 clk = 1'b0;
    end
  endtask

  initial begin
    {x, hold, sub, clear} = {4'd0, 2'd0, 2'd0, 1'b1};
    cycle;
    for (n = 0; n < 50000; n = n + 1) begin
      {x, hold, sub} = $random(seed);
      // Long stretches without a clear, so that the accumulators wrap.
      clear = $random(seed) % 4096 == 0;
      if (n < 40000) hold = hold & {2{n[0]}};
      if (n < 30000) sub = {2{n >= 15000}} ^ {2{n[4:0] == 0}};
      cycle;
      $display("%h", acc);
      if (^acc === 1'bx) begin
        $display("cycle %0d: unknown", n);
        $finish;
      end
    end
    $display("done");
    $finish;
  end

endmodule

`default_nettype wire
