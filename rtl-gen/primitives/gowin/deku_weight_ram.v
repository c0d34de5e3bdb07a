// deku_weight_ram: the latents of one slice, in four planes of 64-bit words behind one port.
//
// Gowin: one bank of block RAMs (SP) for each bit that is set in DEPTH, so that a multiple of 128 words uses
// every block whole. The bank of 2^k words holds the four planes of these words at the addresses {plane, word},
// in blocks side by side as deep as the bank.
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

  localparam BLOCK_BITS = 14; // a block has 2^14 bits
  localparam LEAST_BITS = 9;  // and at least 2^9 entries, of 32 bits

  wire [ADDR_BITS:0] addr = {1'b0, addr_i};
  wire [63:0] chain [0:ADDR_BITS+1]; // what the banks below read

  assign chain[0] = 64'd0;
  assign rdata_o  = chain[ADDR_BITS+1];

  genvar k, n;
  generate
    for (k = 0; k <= ADDR_BITS; k = k + 1) begin : gen_bank
      if ((DEPTH >> k) & 1) begin : gen_used
        localparam ENTRY_BITS = k + 2 < LEAST_BITS ? LEAST_BITS : k + 2; // of the address in a block
        localparam WIDTH      = 1 << (BLOCK_BITS - ENTRY_BITS);          // bits of an entry of a block
        wire here = (addr >> k) == (DEPTH >> k) - 1; // the word is in this bank
        wire [ENTRY_BITS-1:0] entry; // where
        wire [13:0] ad;              // the same as the block takes it
        wire [63:0] read;            // what was read
        reg  here_q;                 // the last word read was in this bank

        if (k == 0) begin : gen_one
          assign entry = plane_i;
        end else begin : gen_more
          assign entry = {plane_i, addr[k-1:0]};
        end
        // The address of an entry is that of its first bit; blocks of 16 and 32 bits have byte enables below it.
        assign ad = (entry << (BLOCK_BITS - ENTRY_BITS)) | (WIDTH >= 16 ? (1 << (WIDTH / 8)) - 1 : 0);

        for (n = 0; n < 64 / WIDTH; n = n + 1) begin : gen_block
          wire [31:0] in = wdata_i[WIDTH*n +: WIDTH];
          wire [31:0] out;
          SP #(
            .READ_MODE(1'b0), .WRITE_MODE(2'b00), .BIT_WIDTH(WIDTH), .BLK_SEL(3'b000), .RESET_MODE("SYNC")
          ) u_ram (
            .CLK(clk_i), .CE(1'b1), .OCE(1'b1), .RESET(1'b0), .WRE(we_i & here), .BLKSEL(3'b000),
            .AD(ad), .DI(in), .DO(out)
          );
          assign read[WIDTH*n +: WIDTH] = out[WIDTH-1:0];
        end
        always @(posedge clk_i) begin
          if (!we_i) here_q <= here;
        end
        assign chain[k+1] = chain[k] | (here_q ? read : 64'd0);
      end else begin : gen_none
        assign chain[k+1] = chain[k];
      end
    end
  endgenerate

endmodule

`default_nettype wire
