// deku_weight_ram: the latents of one slice, in four planes of 64-bit words behind one port.
//
// Behavioural. A read takes one cycle; nothing may rely on rdata_o after a write.
`default_nettype none

module deku_weight_ram #(
  parameter DEPTH     = 4096, // words of 32 columns
  parameter ADDR_BITS = 12    // bits of a word address
) (
  input  wire                 clk_i,    // system clock
  input  wire [1:0]           plane_i,  // 0 trits, 1 latent bits 5:4, 2 and 3 bits 3:0 of columns 0-15, 16-31
  input  wire [ADDR_BITS-1:0] addr_i,   // word
  input  wire                 we_i,     // write in this cycle
  input  wire [63:0]          wdata_i,  // value to write
  output wire [63:0]          rdata_o   // value read one cycle before
);

  reg [63:0] plane0_q [0:DEPTH-1] /*verilator public_flat_rw*/; // trits
  reg [63:0] plane1_q [0:DEPTH-1] /*verilator public_flat_rw*/; // fraction bits 5:4
  reg [63:0] plane2_q [0:DEPTH-1] /*verilator public_flat_rw*/; // fraction bits 3:0, columns 0-15
  reg [63:0] plane3_q [0:DEPTH-1] /*verilator public_flat_rw*/; // fraction bits 3:0, columns 16-31

  reg [63:0] read_q; // the word read

  always @(posedge clk_i) begin
    if (we_i) begin
      case (plane_i)
        2'd0: plane0_q[addr_i] <= wdata_i;
        2'd1: plane1_q[addr_i] <= wdata_i;
        2'd2: plane2_q[addr_i] <= wdata_i;
        default: plane3_q[addr_i] <= wdata_i;
      endcase
    end else begin
      case (plane_i)
        2'd0: read_q <= plane0_q[addr_i];
        2'd1: read_q <= plane1_q[addr_i];
        2'd2: read_q <= plane2_q[addr_i];
        default: read_q <= plane3_q[addr_i];
      endcase
    end
  end

  assign rdata_o = read_q;

endmodule

`default_nettype wire
