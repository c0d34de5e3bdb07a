// deku_clock_pin: a clock from a pin straight to a global network.
//
// iCE40.
`default_nettype none

module deku_clock_pin (
  input  wire pin_i,  // the pin
  output wire clk_o   // the clock
);

  SB_GB_IO #(
    .PIN_TYPE(6'b0000_01)
  ) u_buffer (
    .PACKAGE_PIN(pin_i), .GLOBAL_BUFFER_OUTPUT(clk_o)
  );

endmodule

`default_nettype wire
