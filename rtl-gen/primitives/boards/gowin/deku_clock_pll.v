// deku_clock_pll: the system clock, made from the clock at a pin.
//
// Gowin: f(clk_o) = f(pin_i) x FEEDBACK / REFERENCE, the oscillator runs OUTPUT times as fast. The clock at the pin
// is 27 MHz: from FCLKIN the packer takes the current and the resistor of the loop. PAD and FILTER are not used.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */
module deku_clock_pll #(
  parameter PAD       = 1, // the pin is the one of the PLL
  parameter REFERENCE = 1, // divider of the reference
  parameter FEEDBACK  = 2, // divider of the feedback
  parameter OUTPUT    = 8, // divider of the output
  parameter FILTER    = 1  // range of the loop filter
) (
  /* verilator lint_on UNUSEDPARAM */
  input  wire pin_i,    // clock at the pin
  output wire clk_o,    // system clock, on a global network
  output wire locked_o  // the system clock is there; asynchronous
);

  rPLL #(
    .FCLKIN("27"), .IDIV_SEL(REFERENCE - 1), .FBDIV_SEL(FEEDBACK - 1), .ODIV_SEL(OUTPUT),
    .DYN_IDIV_SEL("false"), .DYN_FBDIV_SEL("false"), .DYN_ODIV_SEL("false"), .DYN_DA_EN("false"),
    .CLKFB_SEL("internal"), .CLKOUT_BYPASS("false"), .PSDA_SEL("0000"), .DUTYDA_SEL("1000"), .DYN_SDIV_SEL(2)
  ) u_pll (
    .CLKIN(pin_i), .CLKFB(1'b0), .CLKOUT(clk_o), .LOCK(locked_o), .RESET(1'b0), .RESET_P(1'b0),
    .IDSEL(6'd0), .FBDSEL(6'd0), .ODSEL(6'd0), .PSDA(4'd0), .DUTYDA(4'd0), .FDLY(4'd0)
  );

endmodule

`default_nettype wire
