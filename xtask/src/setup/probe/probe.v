// The smallest design that shows whether a Verilator and a C++ compiler work together.
`default_nettype none
module probe (
  input  wire       clk_i,   // clock
  output wire [7:0] count_o  // edges seen
);
  reg [7:0] count_q;
  initial count_q = 8'd0;
  always @(posedge clk_i) count_q <= count_q + 8'd1;
  assign count_o = count_q;
endmodule
