// deku_spi_shift: SPI slave, mode 0, most significant bit first.
//
// Bits are shifted in the SCK domain. A received byte waits in hold_q while a toggle tells the system
// clock about it, so that a byte may take as little as ten clock cycles (clk_i >= 1.25 x SCK).
//
//   SCK edges of byte n        rising 8         falling 8                    falling 8 of byte n + 1
//   what happens               hold_q <= byte   toggle_q, out_q <= tx_i      out_q <= tx_i
//
// A valid_o pulse follows the eighth falling edge by one to two clock cycles; from then tx_i has eight
// SCK periods to become the byte that goes out *after* the one that is on its way.
//
// The first byte of a frame is special: nothing has clocked it out yet. Its top bit is always 1 and is
// shown while first_q is set; tx_i then holds the other seven bits, moved up by one.
`default_nettype none

module deku_spi_shift (
  input  wire       clk_i,     // system clock
  input  wire       sck_i,     // SPI clock
  // Chip select resets the SCK domain at once and is also brought to the system clock, on purpose.
  /* verilator lint_off SYNCASYNCNET */
  input  wire       cs_ni,     // chip select, active low
  /* verilator lint_on SYNCASYNCNET */
  input  wire       mosi_i,    // from the host
  output wire       miso_o,    // to the host
  output wire       active_o,  // chip select, synchronous to clk_i
  output wire       taken_o,   // pulse: the first byte is on its way, tx_i may change
  output wire       valid_o,   // pulse: byte_o is new
  output wire [7:0] byte_o,    // last byte received, stable until shortly before the next pulse
  input  wire [7:0] tx_i       // byte to send
);

  // ---- SCK domain ----------------------------------------------------------------------------------

  reg [2:0] bit_q;    // bits of the byte received so far
  reg [6:0] shift_q;  // those bits
  reg [7:0] hold_q;   // last complete byte
  reg       first_q;  // no falling edge of the frame yet
  reg       toggle_q; // changes with every complete byte
  reg [7:0] out_q;    // byte on its way out, next bit on top

  always @(posedge sck_i or posedge cs_ni) begin
    if (cs_ni) bit_q <= 3'd0;
    else       bit_q <= bit_q + 3'd1;
  end

  always @(posedge sck_i) begin
    shift_q <= {shift_q[5:0], mosi_i};
    if (bit_q == 3'd7) hold_q <= {shift_q, mosi_i};
  end

  always @(negedge sck_i or posedge cs_ni) begin
    if (cs_ni) first_q <= 1'b1;
    else       first_q <= 1'b0;
  end

  always @(negedge sck_i) begin
    if (first_q || bit_q == 3'd0) out_q <= tx_i;
    else                          out_q <= {out_q[6:0], 1'b0};
    if (!first_q && bit_q == 3'd0) toggle_q <= !toggle_q;
  end

  assign miso_o = first_q || out_q[7];

  // ---- System clock domain -------------------------------------------------------------------------

  wire toggle;    // toggle_q, synchronised
  wire active;    // chip select, synchronised
  wire first;     // first_q, synchronised
  reg  toggle_last_q;    // toggle one cycle ago
  reg  active_last_q;    // active one cycle ago
  reg  first_last_q;     // first one cycle ago

  deku_sync u_toggle (.clk_i(clk_i), .d_i(toggle_q), .q_o(toggle));
  deku_sync u_active (.clk_i(clk_i), .d_i(!cs_ni), .q_o(active));
  deku_sync u_first (.clk_i(clk_i), .d_i(first_q), .q_o(first));

  always @(posedge clk_i) begin
    toggle_last_q   <= toggle;
    active_last_q   <= active;
    first_last_q    <= first;
  end

  // The end of a frame is seen one cycle late, so that it never overtakes the last byte.
  assign active_o = active || active_last_q;
  assign taken_o  = first_last_q && !first;
  assign valid_o  = toggle_last_q != toggle;
  assign byte_o   = hold_q;

endmodule

`default_nettype wire
