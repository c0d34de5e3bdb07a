// deku_clock_pll: the system clock, made from the clock at a pin.
//
// ECP5: f(clk_o) = f(pin_i) x FEEDBACK / REFERENCE, the oscillator runs OUTPUT times as fast. The loop is closed
// over CLKOP. PAD and FILTER are not used.
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

  // Currents of the loop as Lattice's tools set them for these dividers.
  (* ICP_CURRENT="12" *) (* LPF_RESISTOR="8" *) (* MFG_ENABLE_FILTEROPAMP="1" *) (* MFG_GMCREF_SEL="2" *)
  EHXPLLL #(
    .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"),
    .DPHASE_SOURCE("DISABLED"), .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"),
    .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"), .FEEDBK_PATH("CLKOP"),
    .CLKI_DIV(REFERENCE), .CLKFB_DIV(FEEDBACK),
    .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(OUTPUT), .CLKOP_CPHASE((OUTPUT - 1) / 2), .CLKOP_FPHASE(0)
  ) u_pll (
    .CLKI(pin_i), .CLKFB(clk_o), .CLKOP(clk_o), .LOCK(locked_o), .RST(1'b0), .STDBY(1'b0),
    .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1),
    .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0), .ENCLKOS(1'b0), .ENCLKOS2(1'b0), .ENCLKOS3(1'b0)
  );

endmodule

`default_nettype wire
