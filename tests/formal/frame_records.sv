// What record.sv assumes of the frame machine: a byte is eight bits, one per cycle, and a cycle after them; records end
// after a fault or between bytes, and do not begin again for 32 cycles.
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
  // Four cycles of reset.
  reg [2:0] age = 3'd0;
  always @(posedge clk_i) if (age != 3'd4) age <= age + 3'd1;
  wire rst_n = age == 3'd4;

  wire bit_en, done, records;
  wire [2:0] left;
  wire [7:0] rx;
  deku_frame u_frame (
    .rst_ni(rst_n), .clk_i(clk_i), .active_i(active_i), .taken_i(taken_i), .valid_i(valid_i), .byte_i(byte_i),
    .status_i(status_i), .busy_i(busy_i), .next_seq_i(next_seq_i), .free_i(free_i), .sweep_i(sweep_i),
    .addr_step_i(addr_step_i), .bad_trit_i(bad_trit_i), .writable_i(writable_i), .any_time_i(any_time_i),
    .reg_data_i(reg_data_i), .mask_data_i(mask_data_i), .goodness_i(goodness_i), .latent_data_i(latent_data_i),
    .record_check_i(record_check_i), .record_preset_i(record_preset_i), .record_failed_i(record_failed_i),
    .result_i(result_i), .available_i(available_i),
    .bit_en_o(bit_en), .left_o(left), .done_o(done), .rx_o(rx), .records_o(records)
  );


  (* hierconn *) wire \u_frame.open_q , \u_frame.header_q , \u_frame.stream_q , \u_frame.streaming_q ;
  (* hierconn *) wire \u_frame.header_byte_q , \u_frame.header_end_q , \u_frame.last_active_q ;
  (* hierconn *) wire \u_frame.write_q , \u_frame.read_q , \u_frame.writing_q , \u_frame.reading_q ;
  (* hierconn *) wire \u_frame.tx_due_q , \u_frame.steps_q , \u_frame.sending_q , \u_frame.tx_load_q ;
  (* hierconn *) wire [5:0] \u_frame.pos_q ;

  // A link takes ten cycles for a byte, and a frame begins five cycles after the machine has closed the one before: so it is
  // with chip select high for 16 cycles.
  reg [3:0] since = 4'd10;
  always @(posedge clk_i) since <= valid_i ? 4'd1 : since == 4'd10 ? since : since + 4'd1;
  always @* if (valid_i) assume (since == 4'd10 && \u_frame.last_active_q && rst_n);
  reg [2:0] closed = 3'd0;
  always @(posedge clk_i) closed <= \u_frame.open_q ? 3'd0 : closed == 3'd4 ? closed : closed + 3'd1;

  // As in record.sv.
  reg [3:0] bit_n = 4'd0;
  reg [7:0] byte_q;
  always @(posedge clk_i) begin
    if (bit_n == 4'd0) bit_n <= {3'd0, valid_i};
    else bit_n <= bit_n == 4'd9 ? 4'd0 : bit_n + 4'd1;
    if (bit_n == 4'd0) byte_q <= byte_i;
    else if (bit_n != 4'd9) byte_q <= {byte_q[6:0], byte_q[7]};
  end

  always @* if (active_i && !\u_frame.last_active_q ) assume (closed == 3'd4 && !\u_frame.open_q && bit_n == 4'd0);

  reg records_before = 1'b0, failed_before, between;
  reg [5:0] low = 6'd0; // cycles without records
  always @(posedge clk_i) begin
    records_before <= rst_n && records;
    failed_before <= record_failed_i;
    between <= bit_n == 4'd0;
    low <= records ? 6'd0 : low == 6'd32 ? low : low + 6'd1;
  end

  // What makes it inductive.
  wire [5:0] pos = \u_frame.pos_q ;
  wire header = \u_frame.header_q ;
  wire streaming = \u_frame.streaming_q ;
  // Cycles that a header has taken at least.
  wire [6:0] taken = pos < 6'd2 ? 7'd0 : 7'd10 * {1'b0, pos - 6'd2} + {3'd0, since};
  always @* begin
    assert (age <= 3'd4);
    assert (low <= 6'd32 && closed <= 3'd4);
    assert (bit_n <= 4'd9 && since == (bit_n == 4'd0 ? 4'd10 : bit_n));
    if (age == 3'd3) assert (!records && !streaming && bit_n == 4'd0 && !bit_en && !done && pos == 6'd1);
  end
  always @* if (rst_n) begin
    if (!\u_frame.open_q && closed >= 3'd3) 
      assert (!\u_frame.stream_q && !streaming && !header && pos == 6'd1 && !\u_frame.steps_q &&
        !\u_frame.sending_q && !\u_frame.tx_load_q && !\u_frame.tx_due_q );
    assert (!(\u_frame.stream_q && (\u_frame.write_q || \u_frame.read_q )));
    assert (!(streaming && (\u_frame.writing_q || \u_frame.reading_q )));
    if (streaming && \u_frame.open_q ) assert (\u_frame.stream_q && !header);
    if (header) begin
      assert (pos >= 6'd1 && pos <= 6'd7);
      if (pos >= 6'd2) assert (!streaming && (low == 6'd32 || {1'b0, low} + 7'd4 >= taken));
      if (pos == 6'd7) assert (bit_n != 4'd0);
      assert (!\u_frame.steps_q && !(\u_frame.sending_q && \u_frame.tx_load_q ));
    end
    if (\u_frame.header_end_q ) assert (header && pos == 6'd7 && bit_n == 4'd9);
    if (\u_frame.header_byte_q ) assert ((header && pos == 6'd7 && bit_n >= 4'd2) || bit_n == 4'd0);
    if (header && pos == 6'd7 && bit_n >= 4'd2) assert (\u_frame.header_byte_q );
    if (\u_frame.stream_q && !header && !streaming && \u_frame.open_q ) assert (low == 6'd32 && bit_n == 4'd0);
  end
  always @* if (rst_n) begin
    assert (bit_en == (bit_n >= 4'd1 && bit_n <= 4'd8));
    assert (done == (bit_n == 4'd9));
    if (bit_en) assert (left == 3'd1 - bit_n[2:0]);
    if (bit_n != 4'd0) assert (rx == byte_q);
    if (records_before && failed_before) assert (!records);
    if (records_before && !records) assert (failed_before || between);
    if (records && !records_before) assert (between && low == 6'd32);
  end
endmodule

`default_nettype wire
