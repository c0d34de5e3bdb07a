// Whatever came before, also what can not come: once a frame has ended, the frame machine is back in its initial state.
// The proof begins in any state and is complete for the time it looks at. Registers that are not named here are set by
// the header of the next frame before anything depends on them; the lockstep of frames shows that (tests/tests/frames.rs).
`default_nettype none

module formal (
  input wire        clk_i,
  input wire        active_i,
  input wire        taken_i,
  input wire        valid_i,
  input wire [7:0]  byte_i,
  input wire [4:0]  status_i,
  input wire        busy_i,
  input wire [7:0]  next_seq_i,
  input wire [15:0] free_i,
  input wire        sweep_i,
  input wire        addr_step_i,
  input wire        bad_trit_i,
  input wire        writable_i,
  input wire        any_time_i,
  input wire [7:0]  reg_data_i,
  input wire [15:0] mask_data_i,
  input wire [23:0] goodness_i,
  input wire [15:0] latent_data_i,
  input wire        record_check_i,
  input wire        record_preset_i,
  input wire        record_failed_i,
  input wire [7:0]  result_i,
  input wire        available_i
);
  deku_frame u_frame (
    .rst_ni(1'b1), .clk_i(clk_i), .active_i(active_i), .taken_i(taken_i), .valid_i(valid_i), .byte_i(byte_i),
    .status_i(status_i), .busy_i(busy_i), .next_seq_i(next_seq_i), .free_i(free_i), .sweep_i(sweep_i),
    .addr_step_i(addr_step_i), .bad_trit_i(bad_trit_i), .writable_i(writable_i), .any_time_i(any_time_i),
    .reg_data_i(reg_data_i), .mask_data_i(mask_data_i), .goodness_i(goodness_i), .latent_data_i(latent_data_i),
    .record_check_i(record_check_i), .record_preset_i(record_preset_i), .record_failed_i(record_failed_i),
    .result_i(result_i), .available_i(available_i)
  );

  // The opcode.
  (* hierconn *) wire \u_frame.nop_q ;
  (* hierconn *) wire \u_frame.read_q ;
  (* hierconn *) wire \u_frame.write_q ;
  (* hierconn *) wire \u_frame.stream_q ;
  (* hierconn *) wire \u_frame.reset_q ;
  // The byte that is taken apart.
  (* hierconn *) wire \u_frame.bit_en_q ;
  (* hierconn *) wire [2:0] \u_frame.rx_left_q ;
  (* hierconn *) wire \u_frame.rx_done_q ;
  // The frame and its header.
  (* hierconn *) wire \u_frame.open_q ;
  (* hierconn *) wire \u_frame.last_active_q ;
  (* hierconn *) wire \u_frame.header_q ;
  (* hierconn *) wire \u_frame.opcode_byte_q ;
  (* hierconn *) wire \u_frame.opcode_end_q ;
  (* hierconn *) wire \u_frame.header_crc_byte_q ;
  (* hierconn *) wire \u_frame.header_crc_end_q ;
  (* hierconn *) wire \u_frame.header_byte_q ;
  (* hierconn *) wire \u_frame.header_end_q ;
  (* hierconn *) wire \u_frame.header_shift_q ;
  (* hierconn *) wire [7:0] \u_frame.crc8_q ;
  // The body.
  (* hierconn *) wire \u_frame.reading_q ;
  (* hierconn *) wire \u_frame.writing_q ;
  (* hierconn *) wire \u_frame.streaming_q ;
  (* hierconn *) wire \u_frame.block_last_q ;
  (* hierconn *) wire \u_frame.block_end_q ;
  (* hierconn *) wire \u_frame.commit_q ;
  (* hierconn *) wire \u_frame.unit_last_q ;
  (* hierconn *) wire \u_frame.unit_end_q ;
  (* hierconn *) wire \u_frame.sending_q ;
  (* hierconn *) wire \u_frame.result_last_q ;
  (* hierconn *) wire \u_frame.result_end_q ;
  (* hierconn *) wire \u_frame.steps_q ;
  (* hierconn *) wire \u_frame.register_read_q ;
  (* hierconn *) wire \u_frame.latent_pop_q ;
  // CRCs.
  (* hierconn *) wire \u_frame.crc_again_q ;
  (* hierconn *) wire \u_frame.tx_crc_fresh_q ;
  // The byte to send.
  (* hierconn *) wire \u_frame.tx_due_q ;
  (* hierconn *) wire \u_frame.tx_load_q ;
  (* hierconn *) wire \u_frame.tx_busy_q ;
  (* hierconn *) wire \u_frame.tx_bit_en_q ;
  (* hierconn *) wire \u_frame.sends_unit_q ;
  (* hierconn *) wire \u_frame.sends_free_q ;
  (* hierconn *) wire [7:0] \u_frame.free_byte_q ;
  (* hierconn *) wire \u_frame.sends_mask_q ;
  (* hierconn *) wire [7:0] \u_frame.mask_byte_q ;
  (* hierconn *) wire \u_frame.sends_goodness_q ;
  (* hierconn *) wire [7:0] \u_frame.goodness_byte_q ;
  (* hierconn *) wire \u_frame.sends_misc_q ;
  (* hierconn *) wire [7:0] \u_frame.misc_byte_q ;
  (* hierconn *) wire [7:0] \u_frame.still_byte_q ;
  (* hierconn *) wire \u_frame.sends_ack_q ;
  (* hierconn *) wire \u_frame.send_crc_q ;
  (* hierconn *) wire \u_frame.sends_latents_q ;
  (* hierconn *) wire \u_frame.result_begins_q ;
  // What is not 0 at the start.
  (* hierconn *) wire [5:0] \u_frame.pos_q ;
  (* hierconn *) wire [15:0] \u_frame.rx_crc_q ;
  (* hierconn *) wire [15:0] \u_frame.tx_crc_q ;
  (* hierconn *) wire \u_frame.crc_preset_q ;

  // A link takes ten cycles for a byte.
  reg [3:0] since = 4'd10;
  always @(posedge clk_i) since <= valid_i ? 4'd1 : since == 4'd10 ? since : since + 4'd1;
  always @* if (valid_i) assume (since == 4'd10);

  // Cycles since the last frame and its last byte. From states that occur it takes fewer, see programmers_guide.md.
  localparam [4:0] LONG = 5'd24;
  reg [4:0] quiet = 5'd0;
  always @(posedge clk_i) quiet <= active_i || valid_i ? 5'd0 : quiet == LONG ? quiet : quiet + 5'd1;

  // No bit is counted without one being there: so it is after reset, and every byte leaves it so.
  wire counted = \u_frame.bit_en_q || \u_frame.rx_left_q == 3'd0;
  reg first = 1'b1;
  always @(posedge clk_i) first <= 1'b0;
  always @* if (first) assume (counted);
  else assert (counted);

  always @* if (quiet == LONG) begin
    assert ({
      \u_frame.nop_q , \u_frame.read_q , \u_frame.write_q , \u_frame.stream_q , \u_frame.reset_q
    } == 0);
    assert ({
      \u_frame.bit_en_q , \u_frame.rx_left_q , \u_frame.rx_done_q
    } == 0);
    assert ({
      \u_frame.open_q , \u_frame.last_active_q , \u_frame.header_q , \u_frame.opcode_byte_q ,
      \u_frame.opcode_end_q , \u_frame.header_crc_byte_q , \u_frame.header_crc_end_q , \u_frame.header_byte_q ,
      \u_frame.header_end_q , \u_frame.header_shift_q , \u_frame.crc8_q
    } == 0);
    assert ({
      \u_frame.reading_q , \u_frame.writing_q , \u_frame.streaming_q , \u_frame.block_last_q ,
      \u_frame.block_end_q , \u_frame.commit_q , \u_frame.unit_last_q , \u_frame.unit_end_q , \u_frame.sending_q ,
      \u_frame.result_last_q , \u_frame.result_end_q , \u_frame.steps_q , \u_frame.register_read_q ,
      \u_frame.latent_pop_q
    } == 0);
    assert ({
      \u_frame.crc_again_q , \u_frame.tx_crc_fresh_q
    } == 0);
    assert ({
      \u_frame.tx_due_q , \u_frame.tx_load_q , \u_frame.tx_busy_q , \u_frame.tx_bit_en_q , \u_frame.sends_unit_q ,
      \u_frame.sends_free_q , \u_frame.free_byte_q , \u_frame.sends_mask_q , \u_frame.mask_byte_q ,
      \u_frame.sends_goodness_q , \u_frame.goodness_byte_q , \u_frame.sends_misc_q , \u_frame.misc_byte_q ,
      \u_frame.still_byte_q , \u_frame.sends_ack_q , \u_frame.send_crc_q , \u_frame.sends_latents_q ,
      \u_frame.result_begins_q
    } == 0);
    assert (\u_frame.pos_q == 6'd1);
    assert (\u_frame.rx_crc_q == 16'hffff && \u_frame.crc_preset_q );
    assert (\u_frame.tx_crc_q == 16'hfffe);
  end
endmodule

`default_nettype wire
