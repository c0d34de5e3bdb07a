// deku_pin_shared: an output that leaves the line to others when it has nothing to say.
//
// Behavioural.
`default_nettype none

module deku_pin_shared (
  input  wire enable_i,  // drive the line
  input  wire data_i,    // its level
  output wire pin_o      // the pin
);

  assign pin_o = enable_i ? data_i : 1'bz;

endmodule

`default_nettype wire
