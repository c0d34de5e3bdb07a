// deku_led_driver: three LEDs on the outputs of the constant-current driver.
//
// Behavioural: lit by a low level.
`default_nettype none

module deku_led_driver (
  input  wire [2:0] on_i,    // LEDs that are lit
  output wire       pin0_o,  // first pin of the driver
  output wire       pin1_o,  // second
  output wire       pin2_o   // third
);

  assign {pin2_o, pin1_o, pin0_o} = ~on_i;

endmodule

`default_nettype wire
