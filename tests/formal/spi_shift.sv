// Chip select puts the SPI slave into one state: two slaves with any two histories behave alike from then on.
`default_nettype none

module formal (
  input wire       clk_i,
  input wire       sck_i,
  input wire       cs_ni,
  input wire       mosi_i,
  input wire [7:0] tx_i
);
  wire miso_a, active_a, taken_a, valid_a;
  wire miso_b, active_b, taken_b, valid_b;
  wire [7:0] byte_a, byte_b;
  deku_spi_shift u_a (.clk_i(clk_i), .sck_i(sck_i), .cs_ni(cs_ni), .mosi_i(mosi_i), .miso_o(miso_a),
    .active_o(active_a), .taken_o(taken_a), .valid_o(valid_a), .byte_o(byte_a), .tx_i(tx_i));
  deku_spi_shift u_b (.clk_i(clk_i), .sck_i(sck_i), .cs_ni(cs_ni), .mosi_i(mosi_i), .miso_o(miso_b),
    .active_o(active_b), .taken_o(taken_b), .valid_o(valid_b), .byte_o(byte_b), .tx_i(tx_i));

  (* hierconn *) wire \u_a.toggle_q , \u_b.toggle_q ;
  (* hierconn *) wire \u_a.u_toggle.first_q , \u_b.u_toggle.first_q ;
  (* hierconn *) wire \u_a.toggle , \u_b.toggle ;
  (* hierconn *) wire \u_a.toggle_last_q , \u_b.toggle_last_q ;
  (* hierconn *) wire \u_a.u_active.first_q , \u_b.u_active.first_q ;
  (* hierconn *) wire \u_a.u_first.first_q , \u_b.u_first.first_q ;
  (* hierconn *) wire \u_a.first , \u_b.first ;
  (* hierconn *) wire \u_a.first_q , \u_b.first_q ;
  (* hierconn *) wire \u_a.first_last_q , \u_b.first_last_q ;
  (* hierconn *) wire \u_a.active , \u_b.active ;
  (* hierconn *) wire \u_a.active_last_q , \u_b.active_last_q ;
  (* hierconn *) wire [2:0] \u_a.bit_q , \u_b.bit_q ;
  (* hierconn *) wire [6:0] \u_a.shift_q , \u_b.shift_q ;
  (* hierconn *) wire [7:0] \u_a.hold_q , \u_b.hold_q ;
  (* hierconn *) wire [7:0] \u_a.out_q , \u_b.out_q ;

  // SPI mode 0: the clock rests at 0, also in the moment in which chip select falls.
  (* gclk *) wire global_clock;
  reg cs_before = 1'b1;
  always @(posedge global_clock) cs_before <= cs_ni;
  always @* if (cs_ni || cs_before) assume (!sck_i);

  // Cycles of the system clock in which chip select was high all the time.
  reg [2:0] high = 3'd0;
  always @(posedge clk_i or negedge cs_ni)
    if (!cs_ni) high <= 3'd0;
    else if (high != 3'd4) high <= high + 3'd1;
  wire settled = high == 3'd4;

  // It has been so once.
  reg seen = 1'b0;
  always @(posedge clk_i) if (settled) seen <= 1'b1;

  // A byte is complete since.
  reg held = 1'b0;
  always @(posedge sck_i) if (seen && !cs_ni && \u_a.bit_q == 3'd7) held <= 1'b1;

  // What makes the proof inductive: the slaves differ in the toggle at most, and always in the same way.
  always @* if (!cs_ni) assert (high == 3'd0);
  always @* if (!seen) assert (!held);
  always @* if (cs_ni) begin
    assert (\u_a.first_q && \u_b.first_q && \u_a.bit_q == 3'd0 && \u_b.bit_q == 3'd0);
    if (high >= 3'd1) begin
      assert (\u_a.u_toggle.first_q == \u_a.toggle_q && \u_b.u_toggle.first_q == \u_b.toggle_q );
      assert (!\u_a.u_active.first_q && !\u_b.u_active.first_q );
      assert (\u_a.u_first.first_q && \u_b.u_first.first_q );
    end
    if (high >= 3'd2) begin
      assert (\u_a.toggle == \u_a.toggle_q && \u_b.toggle == \u_b.toggle_q );
      assert (!\u_a.active && !\u_b.active );
      assert (\u_a.first && \u_b.first );
    end
    if (high >= 3'd3) begin
      assert (\u_a.toggle_last_q == \u_a.toggle_q && \u_b.toggle_last_q == \u_b.toggle_q );
      assert (!\u_a.active_last_q && !\u_b.active_last_q );
      assert (\u_a.first_last_q && \u_b.first_last_q );
    end
  end
  always @* if (!cs_ni && (seen || settled) && \u_a.first_q ) assert (\u_a.bit_q == {2'd0, sck_i});
  wire x = \u_a.toggle_q ^ \u_b.toggle_q ;
  always @* if (seen || settled) begin
    assert ((\u_a.u_toggle.first_q ^ \u_b.u_toggle.first_q ) == x);
    assert ((\u_a.toggle ^ \u_b.toggle ) == x);
    assert ((\u_a.toggle_last_q ^ \u_b.toggle_last_q ) == x);
    assert (\u_a.u_active.first_q == \u_b.u_active.first_q );
    assert (\u_a.active == \u_b.active );
    assert (\u_a.active_last_q == \u_b.active_last_q );
    assert (\u_a.u_first.first_q == \u_b.u_first.first_q );
    assert (\u_a.first == \u_b.first );
    assert (\u_a.first_last_q == \u_b.first_last_q );
    assert (\u_a.first_q == \u_b.first_q );
    assert (\u_a.bit_q == \u_b.bit_q );
    assert (((\u_a.shift_q ^ \u_b.shift_q ) & ~(7'h7f << \u_a.bit_q )) == 7'd0);
    if (!\u_a.first_q ) assert (\u_a.out_q == \u_b.out_q );
    if (held) assert (\u_a.hold_q == \u_b.hold_q );
    // Without a byte since, nothing is under way.
    else begin
      assert (\u_a.toggle_q == \u_a.u_toggle.first_q && \u_a.toggle_q == \u_a.toggle && \u_a.toggle_q == \u_a.toggle_last_q );
      assert (\u_a.first_q || \u_a.bit_q != 3'd0);
    end
  end

  always @(posedge clk_i) if (seen) begin
    assert (active_a == active_b);
    assert (taken_a == taken_b);
    assert (valid_a == valid_b);
    if (valid_a) assert (byte_a == byte_b);
  end
  // What the host sees on the edge on which it looks.
  always @(posedge sck_i) if (seen && !cs_ni) assert (miso_a == miso_b);
  // Chip select begins a byte.
  always @(posedge clk_i) if (settled) assert (!active_a && !taken_a && !valid_a);
endmodule

`default_nettype wire
