// deku_uart_rx: UART receiver, 8 data bits, no parity, one stop bit, lowest bit first.
//
// Sampled in the middle of every bit. A byte whose stop bit is 0 is dropped, and so is everything until
// the line is high again.
`default_nettype none

module deku_uart_rx #(
  parameter DIVIDER  = 16, // clock cycles per bit, at least 8
  parameter DIV_BITS = 4   // bits that hold DIVIDER - 1
) (
  input  wire       clk_i,    // system clock
  input  wire       rst_ni,   // synchronous reset, active low
  input  wire       rx_i,     // serial line, synchronous to clk_i
  output wire       valid_o,  // pulse: byte_o is new
  output wire [7:0] byte_o    // last byte received
);

  localparam [31:0]         LAST = DIVIDER - 1;
  localparam [DIV_BITS-1:0] FULL = LAST[DIV_BITS-1:0];
  localparam [31:0]         HALF_LAST = DIVIDER / 2 - 1;
  localparam [DIV_BITS-1:0] HALF = HALF_LAST[DIV_BITS-1:0];

  reg                busy_q;   // a byte is on its way
  reg [DIV_BITS-1:0] count_q;  // cycles until the next sample
  reg [3:0]          bit_q;    // samples taken: start bit, 8 data bits, stop bit
  reg [7:0]          shift_q;  // data bits
  reg                high_q;   // the line was high since the last byte
  reg                valid_q;  // a byte is complete

  wire sample = busy_q && count_q == {DIV_BITS{1'b0}};

  always @(posedge clk_i) begin
    valid_q <= sample && bit_q == 4'd9 && rx_i;
    if (!busy_q)                     count_q <= HALF;
    else if (count_q == {DIV_BITS{1'b0}}) count_q <= FULL;
    else                             count_q <= count_q - 1'b1;
    if (!busy_q)     bit_q <= 4'd0;
    else if (sample) bit_q <= bit_q + 4'd1;
    if (sample && bit_q != 4'd0 && bit_q != 4'd9) shift_q <= {rx_i, shift_q[7:1]};
    if (!rst_ni) begin
      busy_q <= 1'b0;
      high_q <= 1'b0;
    end else begin
      if (rx_i)        high_q <= 1'b1;
      else if (busy_q) high_q <= 1'b0;
      if (!busy_q)                            busy_q <= high_q && !rx_i;
      else if (sample && bit_q == 4'd0 && rx_i) busy_q <= 1'b0; // a glitch, no start bit
      else if (sample && bit_q == 4'd9)         busy_q <= 1'b0;
    end
  end

  assign valid_o = valid_q;
  assign byte_o  = shift_q;

endmodule

`default_nettype wire
