// What the engine reads of the list memory belongs to the sample in work: its header, then entries of its lists; and the
// next sample begins where this one ends. The real sequencer and the real walker; what record.sv proves of the header is
// assumed here.
`default_nettype none

module formal (
  input wire        clk_i,
  input wire        queued_i,
  input wire [15:0] list_data_i,
  input wire        room_i,
  input wire        host_active_i,
  input wire [15:0] table_data_i,
  input wire        table_dirty_i,
  input wire [2:0]  layers_i,
  input wire [8:0]  classes_i,
  input wire [7:0]  copies_i,
  input wire        rest_busy_i,     // activation or goodness at work
  input wire        build_busy_i,
  input wire        scan_busy_i,
  input wire        counters_busy_i,
  input wire [7:0]  rival_i,
  input wire [7:0]  build_count_i,
  input wire        any_i,
  input wire [10:0] hidden_data_i,
  input wire [8:0]  first_end_i,
  input wire [8:0]  length_i
);
  // Four cycles of reset.
  reg [2:0] age = 3'd0;
  always @(posedge clk_i) if (age != 3'd4) age <= age + 3'd1;
  wire rst_n = age == 3'd4;

  wire reading_head, starts, start, for_update, hidden, walk_busy;
  wire [7:0] head_addr, list_addr, first, last_end, label_rows, stride;
  wire [8:0] tail;
  wire [6:0] label_row, period;
  reg walk_busy_q;
  always @(posedge clk_i) walk_busy_q <= walk_busy || rest_busy_i || start || starts; // as in the engine

  deku_sequencer u_seq (
    .clk_i(clk_i), .rst_ni(rst_n), .queued_i(queued_i), .list_data_i(list_data_i), .result_room_i(room_i),
    .host_active_i(host_active_i), .table_data_i(table_data_i), .table_dirty_i(table_dirty_i), .layers_i(layers_i),
    .classes_i(classes_i), .copies_i(copies_i), .walk_busy_i(walk_busy_q), .build_busy_i(build_busy_i),
    .scan_busy_i(scan_busy_i), .counters_busy_i(counters_busy_i), .rival_i(rival_i),
    .reading_head_o(reading_head), .head_addr_o(head_addr), .queue_tail_o(tail), .walk_starts_o(starts),
    .walk_start_o(start), .for_update_o(for_update), .hidden_o(hidden), .first_o(first), .end_o(last_end),
    .label_rows_o(label_rows), .label_row_o(label_row), .stride_o(stride), .period_o(period)
  );

  deku_walker u_walk (
    .clk_i(clk_i), .rst_ni(rst_n), .start_i(start), .starts_i(starts), .update_i(for_update), .hidden_i(hidden),
    .first_i(first), .end_i(hidden ? build_count : last_end), .label_rows_i(label_rows), .label_base_i(label_row),
    .stride_i(stride), .period_i(period), .any_i(any_i), .list_data_i(list_data_i), .hidden_data_i(hidden_data_i),
    .host_addr_i(7'd0), .host_plane_i(2'd0), .host_we_i(1'b0), .list_addr_o(list_addr), .busy_o(walk_busy)
  );

  (* hierconn *) wire [4:0] \u_seq.state_q ;
  (* hierconn *) wire [8:0] \u_seq.ptr_q , \u_seq.tail_q , \u_seq.end_b_q ;
  (* hierconn *) wire [7:0] \u_seq.end_a_q ;
  (* hierconn *) wire \u_seq.pair ;
  (* hierconn *) wire [7:0] \u_walk.first_q , \u_walk.end_q , \u_walk.last_q , \u_walk.entry_q ;
  (* hierconn *) wire \u_walk.has_row_q , \u_walk.some_q , \u_walk.forward_q , \u_walk.updating_q , \u_walk.more_q ;

  localparam [4:0] IDLE = 5'd0, HEAD1 = 5'd1, HEAD2 = 5'd2, HEAD3 = 5'd3, WALK = 5'd11, WAIT = 5'd12;
  wire [4:0] state = \u_seq.state_q ;

  // The count of a hidden list does not change while it is used.
  reg [7:0] build_count;
  always @(posedge clk_i) if (state == 5'd9) build_count <= build_count_i;

  // The sample at the tail: how far its first list goes, and it.
  reg [8:0] first_end, length;
  always @(posedge clk_i) if (state == IDLE) begin
    first_end <= first_end_i;
    length <= length_i;
  end

  // The word that is seen was addressed one cycle before.
  reg [7:0] before;
  always @(posedge clk_i) before <= reading_head ? head_addr : list_addr;
  wire is_pair = list_data_i[15:13] == 3'd2;
  wire [8:0] header = 9'd3 + {8'd0, state == HEAD1 ? is_pair : \u_seq.pair };
  wire [8:0] record_end = tail + length;
  wire [7:0] list_end = tail[7:0] + first_end[7:0];
  always @* if (state == HEAD1) assume (header <= first_end && first_end <= length && length <= 9'd256);
  always @* if (state == HEAD2 && before == tail[7:0] + 8'd1) assume (list_data_i[7:0] == list_end);
  always @* if (state == HEAD3 && before == tail[7:0] + 8'd2) assume (list_data_i[8:0] == record_end);

  wire after_head = state > HEAD3;
  wire walking = \u_walk.forward_q || \u_walk.updating_q ;
  wire [7:0] place = \u_walk.entry_q - tail[7:0];
  wire [7:0] from = \u_walk.first_q - tail[7:0];
  wire [7:0] in_list = \u_walk.entry_q - \u_walk.first_q ;
  wire [7:0] list_length = \u_walk.end_q - \u_walk.first_q ;

  always @* if (rst_n) begin
    // The header is read where the sample begins.
    if (state == HEAD1) assert (before == tail[7:0]);
    if (state == HEAD2) assert (before == tail[7:0] + 8'd1);
    if (state == HEAD3) assert (before == tail[7:0] + 8'd2);
    // Rows come from the sample's lists.
    if (walking && \u_walk.has_row_q && !hidden) assert ({1'b0, place} >= header && {1'b0, place} < length);
    // The sample ends where its header says.
    if (state == 5'd23) assert (\u_seq.end_b_q == record_end);
    // What makes it inductive.
    if (state == IDLE || (state < HEAD1)) assert (\u_seq.ptr_q == tail);
    if (state == HEAD1) assert (\u_seq.ptr_q == tail + 9'd1);
    if (state == HEAD2) assert (\u_seq.ptr_q == tail + 9'd2);
    if (state == HEAD3) assert (\u_seq.ptr_q == tail + 9'd3);
    if (state >= HEAD2) assert (header <= first_end && first_end <= length && length <= 9'd256);
    if (state >= HEAD3) assert (\u_seq.end_a_q == list_end);
    if (after_head) assert (\u_seq.ptr_q == tail + header && \u_seq.end_b_q == record_end);
    if (walking) assert (state == WAIT);
    if (walking || start) begin
      assert (\u_walk.first_q == first && \u_walk.end_q == (hidden ? build_count : last_end));
      assert (\u_walk.last_q == \u_walk.end_q - 8'd1 && \u_walk.some_q == (\u_walk.first_q != \u_walk.end_q ));
    end
    if (walking && \u_walk.has_row_q ) assert (in_list < list_length);
  end
endmodule

`default_nettype wire
