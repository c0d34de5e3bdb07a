// The results that the host does not have yet are never overwritten, and result n belongs to sample n: the real sequencer
// with everything that does not matter here left free, and the real queue of results.
`default_nettype none

module formal (
  input wire        clk_i,
  input wire        queued_i,
  input wire [15:0] list_data_i,
  input wire [15:0] table_data_i,
  input wire        table_dirty_i,
  input wire [2:0]  layers_i,
  input wire [8:0]  classes_i,
  input wire [7:0]  copies_i,
  input wire        walk_busy_i,
  input wire        build_busy_i,
  input wire        scan_busy_i,
  input wire        counters_busy_i,
  input wire [7:0]  rival_i,
  input wire [7:0]  class_i,
  input wire [7:0]  sums_i,
  input wire        open_i,
  input wire [7:0]  number_i,
  input wire [3:0]  pos_i,
  input wire        acknowledge_i,
  input wire        reset_i
);
  // Four cycles of reset.
  reg [2:0] age = 3'd0;
  always @(posedge clk_i) if (age != 3'd4) age <= age + 3'd1;
  wire rst_n = age == 3'd4;

  wire room, busy, result_valid, engine_busy;
  wire [3:0] updated;
  wire [7:0] result_rival;

  deku_sequencer u_seq (
    .clk_i(clk_i), .rst_ni(rst_n), .queued_i(queued_i), .list_data_i(list_data_i), .result_room_i(room),
    .host_active_i(!busy), .table_data_i(table_data_i), .table_dirty_i(table_dirty_i), .layers_i(layers_i),
    .classes_i(classes_i), .copies_i(copies_i), .walk_busy_i(walk_busy_i), .build_busy_i(build_busy_i),
    .scan_busy_i(scan_busy_i), .counters_busy_i(counters_busy_i), .rival_i(rival_i), .busy_o(engine_busy),
    .result_valid_o(result_valid), .updated_o(updated), .result_rival_o(result_rival)
  );

  deku_results u_results (
    .clk_i(clk_i), .rst_ni(rst_n), .result_valid_i(result_valid), .result_updated_i(updated),
    .result_class_i(class_i), .result_rival_i(result_rival), .result_sums_i(sums_i), .engine_busy_i(engine_busy),
    .open_i(open_i), .queued_i(queued_i), .number_i(number_i), .pos_i(pos_i), .acknowledge_i(acknowledge_i),
    .reset_i(reset_i), .room_o(room), .busy_o(busy)
  );

  (* hierconn *) wire [4:0] \u_seq.state_q ;
  (* hierconn *) wire \u_seq.pending_q , \u_seq.working_q ;
  (* hierconn *) wire [7:0] \u_results.result_seq_q , \u_results.acknowledged_n_q ;
  (* hierconn *) wire \u_results.reset_pending_q , \u_results.writing_q , \u_results.last_q , \u_results.clear_q ;
  (* hierconn *) wire [2:0] \u_results.reset_settled_q ;
  (* hierconn *) wire [3:0] \u_results.at_q ;

  wire idle = \u_seq.state_q == 5'd0;
  wire [7:0] acknowledged = ~\u_results.acknowledged_n_q ;
  wire [7:0] kept = \u_results.result_seq_q - acknowledged;
  wire [7:0] claimed = number_i - acknowledged;

  // The host acknowledges only what it was sent, and takes nothing back.
  always @* if (acknowledge_i) assume (claimed <= kept);

  // Samples that were begun since the last reset.
  reg [7:0] begun = 8'd0;
  always @(posedge clk_i)
    if (!rst_n || \u_results.clear_q ) begun <= 8'd0;
    else if (idle && \u_seq.pending_q ) begun <= begun + 8'd1;

  always @* if (rst_n) begin
    assert (kept <= 8'd4);
    // What is written is none of the results that are kept.
    if (\u_results.writing_q ) assert (kept <= 8'd3);
    // A result has the number of its sample, and is the only one that is being written.
    assert (begun == \u_results.result_seq_q + {7'd0, !idle} + {7'd0, \u_results.writing_q });
    if (result_valid) assert (!\u_results.writing_q );
    // What is written does not change meanwhile, and nothing is dropped while a sample is in work.
    if (\u_results.writing_q || \u_results.clear_q ) assert (idle && !\u_seq.pending_q );
    if (\u_results.clear_q ) assert (!\u_results.writing_q );
    // What makes it inductive.
    if (!idle || \u_seq.pending_q ) assert (kept <= 8'd3);
    if (\u_results.last_q ) assert (\u_results.writing_q && \u_results.at_q == 4'd9);
    if (\u_results.writing_q ) assert (\u_results.at_q <= 4'd9 && (\u_results.at_q != 4'd9 || \u_results.last_q ));
    if (|\u_results.reset_settled_q ) assert (\u_results.reset_pending_q );
  end
endmodule

`default_nettype wire
