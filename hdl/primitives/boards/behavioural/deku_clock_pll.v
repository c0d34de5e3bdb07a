// deku_clock_pll: the system clock, made from the clock at a pin.
//
// Behavioural: the clock of the pin itself.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */
module deku_clock_pll #(
  parameter PAD       = 1,  // the pin is the one of the PLL
  parameter REFERENCE = 1,  // divider of the reference
  parameter FEEDBACK  = 64, // divider of the feedback
  parameter OUTPUT    = 16, // divider of the output
  parameter FILTER    = 1   // range of the loop filter
) (
  /* verilator lint_on UNUSEDPARAM */
  input  wire pin_i,    // clock at the pin
  output wire clk_o,    // system clock, on a global network
  output wire locked_o  // the system clock is there; asynchronous
);

  assign clk_o    = pin_i;
  assign locked_o = 1'b1;

endmodule

`default_nettype wire
