// deku_weight_ram_2p: the latents of one slice, in four planes of 64-bit words, with a read and a write port.
//
// Behavioural. For block RAM, which is spread over the whole chip: a register on either side leaves most of a
// cycle for the wires. A read takes two cycles, so that its address comes before that of the single-port version;
// a write happens in the cycle after we_i. What is read of a plane that is being written has no meaning.
`default_nettype none

module deku_weight_ram_2p #(
  parameter DEPTH     = 4096, // words of 32 columns
  parameter ADDR_BITS = 12    // bits of a word address
) (
  input  wire                 clk_i,          // system clock
  input  wire [1:0]           early_plane_i,  // plane to read: 0 trits, 1 latent bits 5:4, 2 and 3 bits 3:0 of columns 0-15, 16-31
  input  wire [ADDR_BITS-1:0] early_addr_i,   // word to read
  input  wire [1:0]           plane_i,        // plane to write
  input  wire [ADDR_BITS-1:0] addr_i,         // word to write
  input  wire                 we_i,           // write
  input  wire [63:0]          wdata_i,        // value to write
  output wire [63:0]          rdata_o         // value addressed two cycles before
);

  reg                 we_q;    // what is written in this cycle
  reg [1:0]           plane_q;
  reg [ADDR_BITS-1:0] addr_q;
  reg [63:0]          wdata_q;

  always @(posedge clk_i) begin
    we_q    <= we_i;
    plane_q <= plane_i;
    addr_q  <= addr_i;
    wdata_q <= wdata_i;
  end

  reg [63:0] plane0_q [0:DEPTH-1] /*verilator public_flat_rw*/; // trits
  reg [63:0] plane1_q [0:DEPTH-1] /*verilator public_flat_rw*/; // fraction bits 5:4
  reg [63:0] plane2_q [0:DEPTH-1] /*verilator public_flat_rw*/; // fraction bits 3:0, columns 0-15
  reg [63:0] plane3_q [0:DEPTH-1] /*verilator public_flat_rw*/; // fraction bits 3:0, columns 16-31

  reg [63:0] read_q; // the word read
  reg [63:0] late_q; // the same one cycle later

  always @(posedge clk_i) begin
    if (we_q) begin
      case (plane_q)
        2'd0: plane0_q[addr_q] <= wdata_q;
        2'd1: plane1_q[addr_q] <= wdata_q;
        2'd2: plane2_q[addr_q] <= wdata_q;
        default: plane3_q[addr_q] <= wdata_q;
      endcase
    end
    case (early_plane_i)
      2'd0: read_q <= plane0_q[early_addr_i];
      2'd1: read_q <= plane1_q[early_addr_i];
      2'd2: read_q <= plane2_q[early_addr_i];
      default: read_q <= plane3_q[early_addr_i];
    endcase
    late_q <= read_q;
  end

  assign rdata_o = late_q;

endmodule

`default_nettype wire
