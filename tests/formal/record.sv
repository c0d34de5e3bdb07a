// A record never overwrites one that is queued, whatever bits arrive, and the queue never holds more than its memory.
// The third word of a record is where it ends, so that the engine finds the next one.
`default_nettype none

// The list memory; what is read does not matter here.
module deku_ram_1r1w #(
  parameter WIDTH = 16, DEPTH = 256, ADDR_BITS = 8
) (
  input wire clk_i, input wire we_i, input wire [ADDR_BITS-1:0] waddr_i, input wire [WIDTH-1:0] wdata_i,
  input wire [ADDR_BITS-1:0] raddr_i, output wire [WIDTH-1:0] rdata_o
);
  assign rdata_o = {WIDTH{1'b0}};
endmodule

module formal (
  input wire        clk_i,
  input wire        byte_begins_i, // the link has a byte
  input wire [7:0]  byte_i,
  input wire        stream_i,      // a STREAM frame has its body
  input wire        bad_i,
  input wire        clear_i,
  input wire [8:0]  free_i,        // entries that the engine frees
  input wire [7:0]  list_addr_i,
  input wire [1:0]  format_i,
  input wire [11:0] inputs_n_i,
  input wire [15:0] row_step_i,
  input wire [8:0]  classes_i,
  input wire        loaded_i
);
  reg [2:0] age = 3'd0;
  always @(posedge clk_i) if (age != 3'd4) age <= age + 3'd1;
  wire rst_n = age == 3'd4;
  wire live = age >= 3'd3;                            // the last cycle of reset, and ever after

  // ---- The frame machine: a byte is eight bits, one per cycle, then done; the next one comes later
  reg [3:0] bit_n = 4'd0; // 0 between bytes, 9 done
  reg [7:0] rx;
  wire bit_en = bit_n >= 4'd1 && bit_n <= 4'd8;
  wire done = bit_n == 4'd9;
  wire [2:0] left = bit_en ? 3'd1 - bit_n[2:0] : 3'd0;
  always @(posedge clk_i) begin
    if (bit_n == 4'd0) bit_n <= {3'd0, byte_begins_i};
    else bit_n <= done ? 4'd0 : bit_n + 4'd1;
    if (bit_n == 4'd0) rx <= byte_i;
    else if (bit_en) rx <= {rx[6:0], rx[7]};
  end

  // ---- The body of a STREAM frame: it ends after a fault or between bytes; the next header takes longer than this
  reg records = 1'b0;
  reg [4:0] pause = 5'd31;
  wire failed;
  always @(posedge clk_i) begin
    if (records) records <= !failed && (stream_i || bit_n != 4'd0);
    else records <= rst_n && stream_i && pause == 5'd0 && bit_n == 4'd0;
    pause <= records ? 5'd31 : pause == 5'd0 ? 5'd0 : pause - 5'd1;
  end
  // A RESET takes effect between frames, at the earliest in the last cycle of a body.
  always @* if (clear_i) assume (!records || (bit_n == 4'd0 && !stream_i));

  // Registers are written in other frames.
  reg [1:0] format;
  reg [11:0] inputs_n;
  reg [8:0] classes;
  always @(posedge clk_i) if (!records) begin
    format <= format_i;
    inputs_n <= inputs_n_i;
    classes <= classes_i;
  end

  // ---- The engine frees whole records; here, anything that is queued
  reg [8:0] tail = 9'd0;
  (* hierconn *) wire [8:0] \u_record.head_n_q , \u_record.write_q ;
  (* hierconn *) wire \u_record.u_list.we_i ;
  (* hierconn *) wire [7:0] \u_record.u_list.waddr_i ;
  (* hierconn *) wire [15:0] \u_record.u_list.wdata_i ;
  (* hierconn *) wire \u_record.good , \u_record.idle , \u_record.over_q , \u_record.full_q , \u_record.no_entry_q ;
  (* hierconn *) wire \u_record.head_we_q , \u_record.end_we_q , \u_record.late_q , \u_record.idle_q ;
  (* hierconn *) wire \u_record.sequence_q , \u_record.shift_q , \u_record.label_q , \u_record.count_q ;
  (* hierconn *) wire \u_record.data_q , \u_record.crc_q , \u_record.half_q , \u_record.second_q , \u_record.pair ;
  (* hierconn *) wire [3:0] \u_record.phase_q ;
  wire [8:0] head = ~\u_record.head_n_q ;
  wire [8:0] used = head - tail;
  wire [8:0] taken = \u_record.write_q - tail;        // with what has arrived of the next record
  wire [8:0] length = \u_record.write_q - head;
  always @* assume (free_i <= used);
  always @(posedge clk_i) if (rst_n && !clear_i) tail <= tail + free_i;

  deku_record u_record (
    .clk_i(clk_i), .rst_ni(rst_n), .records_i(records), .rx_i(rx), .left_i(left), .bit_en_i(bit_en), .done_i(done),
    .bad_i(bad_i), .clear_i(clear_i), .queue_tail_i(tail), .list_addr_i(list_addr_i), .format_i(format),
    .inputs_n_i(inputs_n), .row_step_i(row_step_i), .classes_i(classes), .loaded_i(loaded_i), .failed_o(failed)
  );

  wire we = \u_record.u_list.we_i ;
  wire [7:0] waddr = \u_record.u_list.waddr_i ;
  wire [7:0] place = waddr - head[7:0];               // behind what is queued
  wire [8:0] room = 9'd256 - used;

  wire [8:0] header = 9'd3 + {8'd0, \u_record.pair };  // a pair has a fourth word, which is not used

  // The second and third word of the record that arrives.
  reg [8:0] first_end, record_end;
  always @(posedge clk_i) if (we) begin
    if (waddr == head[7:0] + 8'd1) first_end <= \u_record.u_list.wdata_i [8:0];
    if (waddr == head[7:0] + 8'd2) record_end <= \u_record.u_list.wdata_i [8:0];
  end

  always @* if (live) begin
    assert (used <= 9'd256);
    if (we) assert ({1'b0, place} < room);
    if (\u_record.good ) begin
      assert (taken <= 9'd256 && taken >= used);
      assert (length >= header);
      assert (record_end == \u_record.write_q );
      assert (first_end - head >= header && first_end - head <= length);
    end
  end

  // ---- What makes it inductive
  wire sequence = \u_record.sequence_q , shift = \u_record.shift_q , label = \u_record.label_q ;
  wire body = \u_record.data_q || \u_record.count_q || \u_record.crc_q ;
  wire over = \u_record.over_q ;
  wire dying = failed || !records;                    // the record is given up
  wire [9:0] wide = {1'b0, used} + {1'b0, length};
  wire [5:0] states = {sequence, shift, label, \u_record.count_q , \u_record.data_q , \u_record.crc_q };
  wire ends = \u_record.end_we_q ;
  always @* begin
    assert (age <= 3'd4);
    if (age < 3'd4) assert (!records);
    if (age == 3'd1 || age == 3'd2 || age == 3'd3) assert (used == 9'd0 && states == 6'd0);
    if (age == 3'd2 || age == 3'd3) assert (\u_record.idle_q && \u_record.no_entry_q && !ends && !\u_record.head_we_q );
    if (age == 3'd3) assert (length == 9'd0);
  end
  always @* if (live) begin
    assert (bit_n <= 4'd9);
    assert ((states & (states - 6'd1)) == 6'd0);      // one at a time
    assert (wide <= 10'd260);
    if (|states && !over && !dying) assert (wide <= 10'd256);
    if (sequence) assert (length == (\u_record.late_q ? 9'd0 : 9'd1) || dying);
    if (shift && records) assert (length == 9'd2);
    if (label && records) assert (length == 9'd3);
    if (body && records) assert (length >= header);
    if (over && body) assert (dying);
    if (shift || label) assert (!\u_record.second_q );
    if (body && \u_record.second_q ) assert (\u_record.pair );
    if ((body && !over) || \u_record.head_we_q || ends) assert (used <= 9'd253);
    if (records && \u_record.crc_q && \u_record.half_q && !ends) assert (record_end == \u_record.write_q );
    if (records && (\u_record.crc_q || (body && \u_record.second_q )) && !ends)
      assert (first_end - head >= header && first_end - head <= length);
  end
endmodule

`default_nettype wire
