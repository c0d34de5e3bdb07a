// deku_led_driver: three LEDs on the outputs of the constant-current driver.
//
// iCE40 UltraPlus: about 4 mA each in half-current mode.
`default_nettype none

module deku_led_driver (
  input  wire [2:0] on_i,    // LEDs that are lit
  output wire       pin0_o,  // first pin of the driver
  output wire       pin1_o,  // second
  output wire       pin2_o   // third
);

  SB_RGBA_DRV #(
    .CURRENT_MODE("0b1"), .RGB0_CURRENT("0b000011"), .RGB1_CURRENT("0b000011"), .RGB2_CURRENT("0b000011")
  ) u_driver (
    .CURREN(1'b1), .RGBLEDEN(1'b1), .RGB0PWM(on_i[0]), .RGB1PWM(on_i[1]), .RGB2PWM(on_i[2]),
    .RGB0(pin0_o), .RGB1(pin1_o), .RGB2(pin2_o)
  );

endmodule

`default_nettype wire
