// deku_clock_pin: a clock from a pin straight to a global network.
//
// Behavioural.
`default_nettype none

module deku_clock_pin (
  input  wire pin_i,  // the pin
  output wire clk_o   // the clock
);

  assign clk_o = pin_i;

endmodule

`default_nettype wire
