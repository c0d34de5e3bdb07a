// deku_pin_shared: an output that leaves the line to others when it has nothing to say.
//
// iCE40.
`default_nettype none

module deku_pin_shared (
  input  wire enable_i,  // drive the line
  input  wire data_i,    // its level
  output wire pin_o      // the pin
);

  SB_IO #(
    .PIN_TYPE(6'b1010_01)
  ) u_pin (
    .PACKAGE_PIN(pin_o), .OUTPUT_ENABLE(enable_i), .D_OUT_0(data_i)
  );

endmodule

`default_nettype wire
