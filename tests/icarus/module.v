// Plays a recorded session to a whole module over SPI and compares every bit that it answers. Icarus Verilog gives
// registers and memories without a reset unknown values: one that reaches a pin is an error, also in bytes whose
// value nobody looks at.
`timescale 1ps/1ps
`default_nettype none

module bench;
  parameter SESSION = "session.hex"; // steps, see tests/src/session.rs
  parameter STEPS = 1;               // how many
  parameter START = 0;               // what the exceptions below contain at power-up, 0 or 1
  parameter HALF_SCK = 13007;        // half a period of SCK, ps; its phase wanders

  localparam HALF_CLK = 10000;
  localparam QUIET = 100;            // cycles without activity after which nothing follows by itself
  localparam LONGEST = 50000;        // cycles that a frame's examples may take

  localparam [2:0] COMPARE = 3'd0, KNOWN = 3'd1, END = 3'd2, CUT = 3'd3;

  reg clk = 1'b0;
  reg rst_n = 1'b0;
  reg sck = 1'b0;
  reg cs_n = 1'b1;
  reg mosi = 1'b0;
  wire miso, irq, uart_tx;
  wire [1:0] activity;

  deku_top dut (
    .clk_i(clk), .rst_ni(rst_n),
    .spi_sck_i(sck), .spi_cs_ni(cs_n), .spi_mosi_i(mosi), .spi_miso_o(miso),
    .uart_rx_i(1'b1), .uart_tx_o(uart_tx),
    .irq_o(irq), .activity_o(activity)
  );

  always #(HALF_CLK) clk = !clk;

  // Registers whose first value does not matter in hardware, although four-state simulation can not see it.
  initial begin
    // Only its changes count; but the inverse of unknown is unknown.
    dut.u_spi.toggle_q = START;
    // Moved out bit by bit before it is used; but every bit of a sum with something unknown is unknown.
    @(posedge rst_n) dut.u_record.row_q = {16{START[0]}};
  end

  reg [18:0] session [0:STEPS-1]; // what to do, byte to send, byte to expect
  reg [2:0] todo;
  reg [7:0] out, expected, got;
  integer at, frame, bytes, bits, busy, quiet;

  task fail;
    input [8*40-1:0] what;
    begin
      $display("%0s, expected %b, got %b: byte %0d of frame %0d, step %0d, irq %b, activity %b, time %0t",
               what, expected, got, bytes, frame, at, irq, activity, $time);
      $finish(0);
      forever #1000000; // nothing after the first fault is reported
    end
  endtask

  // In reset, and ever after, no output is unknown.
  reg watched = 1'b0;
  always @(posedge clk) if (watched) begin
    if (^{irq, activity, uart_tx} === 1'bx) fail("an output is unknown");
    if (!cs_n && miso === 1'bx) fail("MISO is unknown");
  end

  // The module answers on falling edges, the host looks on rising ones.
  task exchange;
    input integer count;
    begin
      for (bits = 0; bits < count; bits = bits + 1) begin
        mosi = out[7 - bits];
        #(HALF_SCK) sck = 1'b1;
        got[7 - bits] = miso;
        #(HALF_SCK) sck = 1'b0;
      end
    end
  endtask

  // As long as the module works on examples, and a while for what ends with the frame.
  task settle;
    begin
      busy = 0;
      quiet = 0;
      while (quiet < QUIET) begin
        @(posedge clk);
        quiet = activity === 2'd0 ? quiet + 1 : 0;
        busy = busy + 1;
        if (busy > LONGEST) fail("the module does not come to an end");
      end
    end
  endtask

  task step;
    begin
      {todo, out, expected} = session[at];
      got = 8'hxx;
      case (todo)
        COMPARE, KNOWN, CUT: begin
          if (cs_n) begin
            cs_n = 1'b0;
            #(6 * HALF_CLK);
          end
          exchange(todo == CUT ? expected : 8);
          if (todo == COMPARE && got !== expected) fail("a byte is wrong");
          if (todo == KNOWN && ^got === 1'bx) fail("a byte is unknown");
          bytes = bytes + 1;
        end
        END: begin
          #(2 * HALF_SCK) cs_n = 1'b1;
          settle;
          if (irq !== expected[0]) fail("the interrupt line is wrong");
          frame = frame + 1;
          bytes = 0;
        end
        default: fail("the session is damaged");
      endcase
    end
  endtask

  initial begin
    $readmemh(SESSION, session);
    frame = 0;
    bytes = 0;
    #(8 * HALF_CLK) watched = 1'b1;
    #(16 * HALF_CLK) rst_n = 1'b1;
    repeat (1000) @(posedge clk); // it sets its registers to 0
    for (at = 0; at < STEPS; at = at + 1) step;
    $display("%0d frames in %0d cycles\ndone", frame, $time / (2 * HALF_CLK));
    $finish(0);
  end
endmodule

`default_nettype wire
