// deku_pin_shared: an output that leaves the line to others when it has nothing to say.
//
// ECP5.
`default_nettype none

module deku_pin_shared (
  input  wire enable_i,  // drive the line
  input  wire data_i,    // its level
  output wire pin_o      // the pin
);

  TRELLIS_IO #(
    .DIR("OUTPUT")
  ) u_pin (
    .B(pin_o), .I(data_i), .T(!enable_i), .O()
  );

endmodule

`default_nettype wire
