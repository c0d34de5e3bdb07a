// deku_uart_tx: UART transmitter, 8 data bits, no parity, one stop bit, lowest bit first.
`default_nettype none

module deku_uart_tx #(
  parameter DIVIDER  = 16, // clock cycles per bit
  parameter DIV_BITS = 4   // bits that hold DIVIDER - 1
) (
  input  wire       clk_i,    // system clock
  input  wire       rst_ni,   // synchronous reset, active low
  input  wire       valid_i,  // send byte_i; only looked at while ready_o
  input  wire [7:0] byte_i,   // byte to send
  output wire       ready_o,  // nothing is being sent
  output wire       tx_o      // serial line
);

  localparam [31:0]         LAST = DIVIDER - 1;
  localparam [DIV_BITS-1:0] FULL = LAST[DIV_BITS-1:0];

  reg [DIV_BITS-1:0] count_q;  // cycles until the next bit
  reg [3:0]          bits_q;   // bits left, the one on the line included; 0: idle
  reg [8:0]          shift_q;  // bits to send, the one on the line at the bottom

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      bits_q  <= 4'd0;
      shift_q <= 9'h1ff;
    end else if (bits_q == 4'd0) begin
      count_q <= FULL;
      if (valid_i) begin
        bits_q  <= 4'd10;
        shift_q <= {byte_i, 1'b0};
      end
    end else if (count_q != {DIV_BITS{1'b0}}) begin
      count_q <= count_q - 1'b1;
    end else begin
      count_q <= FULL;
      bits_q  <= bits_q - 4'd1;
      shift_q <= {1'b1, shift_q[8:1]};
    end
  end

  assign ready_o = bits_q == 4'd0;
  assign tx_o    = shift_q[0];

endmodule

`default_nettype wire
