// deku_ram_1r1w: memory with one read and one write port, read with one cycle of latency.
//
// ECP5: the latents take nearly all block RAM, so that a memory of up to 12,288 bits is made of look-up tables,
// which this FPGA has many of; a larger one becomes DP16KD. An entry that is written in the cycle in which it is
// read may come out old or new: nothing may rely on it.
`default_nettype none

module deku_ram_1r1w #(
  parameter WIDTH     = 16,  // bits of an entry
  parameter DEPTH     = 256, // entries
  parameter ADDR_BITS = 8    // bits of an address
) (
  input  wire                 clk_i,    // clock of both ports
  input  wire                 we_i,     // write in this cycle
  input  wire [ADDR_BITS-1:0] waddr_i,  // entry to write
  input  wire [WIDTH-1:0]     wdata_i,  // value to write
  input  wire [ADDR_BITS-1:0] raddr_i,  // entry to read
  output wire [WIDTH-1:0]     rdata_o   // value of the entry addressed one cycle before
);

  reg [WIDTH-1:0] rdata_q; // the entry read

  generate
    if (WIDTH * DEPTH <= 12288) begin : gen_small
      (* ram_style = "distributed" *)
      reg [WIDTH-1:0] mem_q [0:DEPTH-1];
      always @(posedge clk_i) begin
        if (we_i) mem_q[waddr_i] <= wdata_i;
        rdata_q <= mem_q[raddr_i];
      end
    end else begin : gen_large
      // no_rw_check: do not spend logic on the order of a read and a write of one entry.
      (* ram_style = "block", no_rw_check *)
      reg [WIDTH-1:0] mem_q [0:DEPTH-1];
      always @(posedge clk_i) begin
        if (we_i) mem_q[waddr_i] <= wdata_i;
        rdata_q <= mem_q[raddr_i];
      end
    end
  endgenerate

  assign rdata_o = rdata_q;

endmodule

`default_nettype wire
