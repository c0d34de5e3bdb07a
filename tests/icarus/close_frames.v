// Frames as close together as the guide allows: chip select rises with the last edge of SCK and is high for GAP clock
// cycles. Whatever the phase, each of them gets the answer of the first one.
`timescale 1ps/1ps
`default_nettype none

module bench;
  parameter GAP = 16; // cycles of the system clock

  localparam HALF_CLK = 10000;
  localparam HALF_SCK = 12520; // close to the limit of 0.8 x the system clock
  localparam BITS = 64;        // a NOP, and two bytes more

  reg clk = 1'b0;
  reg rst_n = 1'b0;
  reg sck = 1'b0;
  reg cs_n = 1'b1;
  wire miso, irq, uart_tx;
  wire [1:0] activity;

  deku_top dut (
    .clk_i(clk), .rst_ni(rst_n),
    .spi_sck_i(sck), .spi_cs_ni(cs_n), .spi_mosi_i(1'b0), .spi_miso_o(miso),
    .uart_rx_i(1'b1), .uart_tx_o(uart_tx),
    .irq_o(irq), .activity_o(activity)
  );

  always #(HALF_CLK) clk = !clk;

  initial dut.u_spi.toggle_q = 1'b0; // as in module.v

  reg [BITS-1:0] answer, first;
  integer frame, bits;
  initial begin
    #(16 * HALF_CLK) rst_n = 1'b1;
    repeat (1000) @(posedge clk);
    for (frame = 0; frame < 300; frame = frame + 1) begin
      cs_n = 1'b0;
      #(8 * HALF_CLK); // four cycles
      for (bits = 0; bits < BITS; bits = bits + 1) begin
        #(HALF_SCK) sck = 1'b1;
        answer = {answer[BITS-2:0], miso};
        #(HALF_SCK) sck = 1'b0;
      end
      cs_n = 1'b1;
      if (frame == 0) first = answer;
      if (answer !== first) begin
        $display("frame %0d, expected %h, got %h", frame, first, answer);
        $finish(0);
      end
      // The first one stands alone; then all phases between the clocks.
      #(frame == 0 ? 1000 * HALF_CLK : 2 * GAP * HALF_CLK + (frame * 1511) % (2 * HALF_CLK));
    end
    $display("done");
    $finish(0);
  end
endmodule

`default_nettype wire
