// deku_clock_pll: the system clock, made from the clock at a pin.
//
// iCE40: f(clk_o) = f(pin_i) x FEEDBACK / (REFERENCE x OUTPUT), OUTPUT a power of two. PAD is 1 for the pin
// that is wired to the PLL, 0 for any other, whose clock goes through the fabric.
`default_nettype none

module deku_clock_pll #(
  parameter PAD       = 1,  // the pin is the one of the PLL
  parameter REFERENCE = 1,  // divider of the reference
  parameter FEEDBACK  = 64, // divider of the feedback
  parameter OUTPUT    = 16, // divider of the output
  parameter FILTER    = 1   // range of the loop filter
) (
  input  wire pin_i,    // clock at the pin
  output wire clk_o,    // system clock, on a global network
  output wire locked_o  // the system clock is there; asynchronous
);

  generate
    if (PAD != 0) begin : gen_pad
      SB_PLL40_PAD #(
        .FEEDBACK_PATH("SIMPLE"), .PLLOUT_SELECT("GENCLK"),
        .DIVR(REFERENCE - 1), .DIVF(FEEDBACK - 1), .DIVQ($clog2(OUTPUT)), .FILTER_RANGE(FILTER)
      ) u_pll (
        .PACKAGEPIN(pin_i), .PLLOUTGLOBAL(clk_o), .LOCK(locked_o), .RESETB(1'b1), .BYPASS(1'b0)
      );
    end else begin : gen_core
      SB_PLL40_CORE #(
        .FEEDBACK_PATH("SIMPLE"), .PLLOUT_SELECT("GENCLK"),
        .DIVR(REFERENCE - 1), .DIVF(FEEDBACK - 1), .DIVQ($clog2(OUTPUT)), .FILTER_RANGE(FILTER)
      ) u_pll (
        .REFERENCECLK(pin_i), .PLLOUTGLOBAL(clk_o), .LOCK(locked_o), .RESETB(1'b1), .BYPASS(1'b0)
      );
    end
  endgenerate

endmodule

`default_nettype wire
