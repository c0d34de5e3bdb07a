// deku_mac_pair: two 16-bit accumulators that add or subtract one shared magnitude.
//
// iCE40 UltraPlus: one SB_MAC16. Its two 16-bit adder/subtractors take their own output register
// as one operand and x as the other; no multiplier is used. OHOLD keeps, OLOAD loads C or D = 0.
`default_nettype none

module deku_mac_pair (
  input  wire        clk_i,    // system clock
  input  wire [3:0]  x_i,      // magnitude, shared
  input  wire [1:0]  hold_i,   // accumulator k keeps its value
  input  wire [1:0]  sub_i,    // accumulator k subtracts
  input  wire        clear_i,  // accumulators that are not held become 0
  output wire [31:0] acc_o     // accumulator 1, accumulator 0
);

  SB_MAC16 #(
    .NEG_TRIGGER(1'b0), .A_REG(1'b0), .B_REG(1'b0), .C_REG(1'b0), .D_REG(1'b0),
    .TOP_8x8_MULT_REG(1'b0), .BOT_8x8_MULT_REG(1'b0),
    .PIPELINE_16x16_MULT_REG1(1'b0), .PIPELINE_16x16_MULT_REG2(1'b0),
    .TOPOUTPUT_SELECT(2'b01), .TOPADDSUB_LOWERINPUT(2'b00),
    .TOPADDSUB_UPPERINPUT(1'b0), .TOPADDSUB_CARRYSELECT(2'b00),
    .BOTOUTPUT_SELECT(2'b01), .BOTADDSUB_LOWERINPUT(2'b00),
    .BOTADDSUB_UPPERINPUT(1'b0), .BOTADDSUB_CARRYSELECT(2'b00),
    .MODE_8x8(1'b0), .A_SIGNED(1'b0), .B_SIGNED(1'b0)
  ) u_mac (
    .CLK(clk_i), .CE(1'b1),
    .A({12'd0, x_i}), .B({12'd0, x_i}), .C(16'd0), .D(16'd0),
    .AHOLD(1'b0), .BHOLD(1'b0), .CHOLD(1'b0), .DHOLD(1'b0),
    .IRSTTOP(1'b0), .IRSTBOT(1'b0), .ORSTTOP(1'b0), .ORSTBOT(1'b0),
    .OLOADTOP(clear_i), .OLOADBOT(clear_i),
    .ADDSUBTOP(sub_i[1]), .ADDSUBBOT(sub_i[0]),
    .OHOLDTOP(hold_i[1]), .OHOLDBOT(hold_i[0]),
    .CI(1'b0), .ACCUMCI(1'b0), .SIGNEXTIN(1'b0),
    .O(acc_o), .CO(), .ACCUMCO(), .SIGNEXTOUT()
  );

endmodule

`default_nettype wire
