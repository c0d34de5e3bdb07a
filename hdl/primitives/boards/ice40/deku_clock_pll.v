// deku_clock_pll: the system clock, made from the clock at a pin.
//
// iCE40: f(clk_o) = f(pin_i) x (DIVF + 1) / ((DIVR + 1) x 2^DIVQ). PAD is 1 for the pin that is wired to
// the PLL, 0 for any other, whose clock goes through the fabric.
`default_nettype none

module deku_clock_pll #(
  parameter PAD    = 1, // the pin is the one of the PLL
  parameter DIVR   = 0, // divider of the reference
  parameter DIVF   = 0, // divider of the feedback
  parameter DIVQ   = 0, // divider of the output, as a power of two
  parameter FILTER = 1  // range of the loop filter
) (
  input  wire pin_i,    // clock at the pin
  output wire clk_o,    // system clock, on a global network
  output wire locked_o  // the system clock is there; asynchronous
);

  generate
    if (PAD != 0) begin : gen_pad
      SB_PLL40_PAD #(
        .FEEDBACK_PATH("SIMPLE"), .PLLOUT_SELECT("GENCLK"),
        .DIVR(DIVR), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(FILTER)
      ) u_pll (
        .PACKAGEPIN(pin_i), .PLLOUTGLOBAL(clk_o), .LOCK(locked_o), .RESETB(1'b1), .BYPASS(1'b0)
      );
    end else begin : gen_core
      SB_PLL40_CORE #(
        .FEEDBACK_PATH("SIMPLE"), .PLLOUT_SELECT("GENCLK"),
        .DIVR(DIVR), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(FILTER)
      ) u_pll (
        .REFERENCECLK(pin_i), .PLLOUTGLOBAL(clk_o), .LOCK(locked_o), .RESETB(1'b1), .BYPASS(1'b0)
      );
    end
  endgenerate

endmodule

`default_nettype wire
