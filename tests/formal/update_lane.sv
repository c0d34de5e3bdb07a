// deku_update_lane gives exactly clamp((latent * 1024 + random + d * X) >> 10, 0, 191), for all
// inputs that the design can give; so no latent ever leaves 0..=191. A changed trit is counted.
`default_nettype none

module formal (
  input wire        clk_i,
  input wire [2:0]  code_i,
  input wire        negative_i,
  input wire [13:0] x1_i,
  input wire [9:0]  random_i,
  input wire [3:0]  low_i,
  input wire [1:0]  mid_i,
  input wire [1:0]  trit_i
);

  wire [7:0] latent;
  wire under, over, flip;
  wire [15:0] x3 = {2'd0, x1_i} + {1'b0, x1_i, 1'b0};

  deku_update_lane u_lane (
    .clk_i(clk_i), .code_i(code_i), .negative_i(negative_i), .x1_i(x1_i), .x3_i(x3),
    .random_i(random_i), .low_i(low_i), .mid_i(mid_i), .trit_i(trit_i),
    .latent_o(latent), .under_o(under), .over_o(over), .flip_q_o(flip)
  );

  // Cycles that the pipeline was fed by this bench.
  reg [2:0] age = 3'd0;
  always @(posedge clk_i) if (age != 3'd7) age <= age + 3'd1;

  always @* assume (trit_i != 2'd3);

  // What the lane should give.
  reg [3:0] d; // magnitude, E2M1 in halves
  always @* begin
    case (code_i)
      3'd5:    d = 4'd6;
      3'd6:    d = 4'd8;
      3'd7:    d = 4'd12;
      default: d = {1'b0, code_i};
    endcase
  end

  reg signed [19:0] move_1, move_2;
  wire [18:0] size = d * x1_i;
  reg [3:0] low_1, low_2;
  reg [1:0] mid_2;
  always @(posedge clk_i) begin
    move_1 <= negative_i ? -$signed({1'b0, size}) : $signed({1'b0, size});
    move_2 <= move_1;
    low_1 <= low_i;
    low_2 <= low_1;
    mid_2 <= mid_i;
  end
  wire signed [20:0] sum = $signed({3'd0, trit_i, mid_2, low_2, random_i}) + move_2;
  wire signed [10:0] whole = sum >>> 10;
  reg [7:0] expected;
  always @(posedge clk_i) expected <= whole < 0 ? 8'd0 : whole > 191 ? 8'd191 : whole[7:0];

  // A flip is seen one cycle later.
  reg [1:0] trit_3;
  reg flips;
  always @(posedge clk_i) begin
    trit_3 <= trit_i;
    flips <= expected[7:6] != trit_3;
  end

  wire [7:0] got = {latent[7:6], under ? 6'd0 : over ? 6'd63 : latent[5:0]};
  always @(posedge clk_i) if (age >= 3'd3) begin
    assert (latent[7:6] != 2'd3);
    assert (got == expected);
  end
  always @(posedge clk_i) if (age >= 3'd4) assert (flip == flips);

endmodule

`default_nettype wire
