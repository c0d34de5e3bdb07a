// deku_clock_pll: the system clock, made from the clock at a pin.
//
// Behavioural: the clock of the pin itself.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */
module deku_clock_pll #(
  parameter PAD    = 1, // the pin is the one of the PLL
  parameter DIVR   = 0, // divider of the reference
  parameter DIVF   = 0, // divider of the feedback
  parameter DIVQ   = 0, // divider of the output, as a power of two
  parameter FILTER = 1  // range of the loop filter
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
