// deku_mac_pair: two 16-bit accumulators that add or subtract one shared magnitude.
//
// Behavioural; the iCE40 version beside it is one SB_MAC16.
`default_nettype none

module deku_mac_pair (
  input  wire        clk_i,    // system clock
  input  wire [3:0]  x_i,      // magnitude, shared
  input  wire [1:0]  hold_i,   // accumulator k keeps its value
  input  wire [1:0]  sub_i,    // accumulator k subtracts
  input  wire        clear_i,  // accumulators that are not held become 0
  output wire [31:0] acc_o     // accumulator 1, accumulator 0
);

  reg [15:0] acc0_q; // accumulator 0
  reg [15:0] acc1_q; // accumulator 1

  always @(posedge clk_i) begin
    if (!hold_i[0]) begin
      acc0_q <= clear_i ? 16'd0 : sub_i[0] ? acc0_q - {12'd0, x_i} : acc0_q + {12'd0, x_i};
    end
    if (!hold_i[1]) begin
      acc1_q <= clear_i ? 16'd0 : sub_i[1] ? acc1_q - {12'd0, x_i} : acc1_q + {12'd0, x_i};
    end
  end

  assign acc_o = {acc1_q, acc0_q};

endmodule

`default_nettype wire
