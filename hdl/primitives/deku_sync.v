// deku_sync: brings a level from outside (or from another clock) to the system clock.
//
// Two flip-flops; the output follows the input after one to two clock cycles.
`default_nettype none

module deku_sync (
  input  wire clk_i,  // system clock
  input  wire d_i,    // level from anywhere
  output wire q_o     // the level, synchronous to clk_i
);

  reg first_q;  // may be metastable
  reg q_q;      // settled

  always @(posedge clk_i) begin
    first_q <= d_i;
    q_q     <= first_q;
  end

  assign q_o = q_q;

endmodule

`default_nettype wire
