// deku_weight_ram_2p: the latents of one slice, in four planes of 64-bit words, with a read and a write port.
//
// Block RAM (ECP5 DP16KD, Gowin BSRAM): one bank for each bit that is set in DEPTH, so that no block is used in
// part. The bank of 2^k words holds the four planes of these words at the addresses {plane, word}. A register on
// either side of the blocks leaves most of a cycle for the wires.
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

  wire [ADDR_BITS:0] raddr = {1'b0, early_addr_i};
  wire [ADDR_BITS:0] waddr = {1'b0, addr_q};
  wire [63:0] chain [0:ADDR_BITS+1]; // what the banks below read

  assign chain[0] = 64'd0;
  assign rdata_o  = chain[ADDR_BITS+1];

  genvar k;
  generate
    for (k = 0; k <= ADDR_BITS; k = k + 1) begin : gen_bank
      if ((DEPTH >> k) & 1) begin : gen_used
        // no_rw_check: do not spend logic on the order of a read and a write of one entry.
        (* ram_style = "block", no_rw_check *)
        reg  [63:0] mem_q [0:(4 << k)-1];
        reg  [63:0] read_q;      // the word read
        reg  [63:0] late_q;      // the same one cycle later
        reg         read_here_q; // it was of this bank
        reg         late_here_q; // the same one cycle later
        wire [k+1:0] from; // address of the read in the bank
        wire [k+1:0] to;   // of the write

        if (k == 0) begin : gen_one
          assign from = early_plane_i;
          assign to   = plane_q;
        end else begin : gen_more
          assign from = {early_plane_i, raddr[k-1:0]};
          assign to   = {plane_q, waddr[k-1:0]};
        end

        always @(posedge clk_i) begin
          if (we_q && (waddr >> k) == (DEPTH >> k) - 1) mem_q[to] <= wdata_q;
          read_q      <= mem_q[from];
          late_q      <= read_q;
          read_here_q <= (raddr >> k) == (DEPTH >> k) - 1;
          late_here_q <= read_here_q;
        end

        assign chain[k+1] = chain[k] | (late_here_q ? late_q : 64'd0);
      end else begin : gen_none
        assign chain[k+1] = chain[k];
      end
    end
  endgenerate

endmodule

`default_nettype wire
