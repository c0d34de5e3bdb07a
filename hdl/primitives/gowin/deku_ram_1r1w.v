// deku_ram_1r1w: memory with one read and one write port, read with one cycle of latency.
//
// Gowin: the latents take nearly all block RAM, so that a memory of fewer than 256 entries is made of look-up tables
// (RAM16SDP4). A deeper one becomes blocks (SDPB) side by side as deep as the memory, 16,384 entries at most. An
// entry that is written in the cycle in which it is read may come out old or new: nothing may rely on it.
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

  genvar n;
  generate
    if (DEPTH < 256) begin : gen_small
      (* ram_style = "distributed" *)
      reg [WIDTH-1:0] mem_q [0:DEPTH-1];
      reg [WIDTH-1:0] rdata_q; // the entry read

      always @(posedge clk_i) begin
        if (we_i) mem_q[waddr_i] <= wdata_i;
        rdata_q <= mem_q[raddr_i];
      end
      assign rdata_o = rdata_q;
    end else begin : gen_large
      localparam BLOCK_BITS = 14; // a block has 2^14 bits
      localparam ENTRY_BITS = ADDR_BITS < 9 ? 9 : ADDR_BITS;   // of the address in it: 32 bits at most are side by side
      localparam PART       = 1 << (BLOCK_BITS - ENTRY_BITS); // bits of an entry in a block
      localparam PARTS      = (WIDTH + PART - 1) / PART;
      localparam ENABLES    = PART >= 16 ? (1 << (PART / 8)) - 1 : 0; // of the bytes, below the address to write
      wire [PART*PARTS-1:0] in;  // the entry to write, and zeros
      wire [PART*PARTS-1:0] out; // the entry read
      wire [13:0] ada;           // the address to write as a block takes it: that of the entry's first bit
      wire [13:0] adb;           // the same to read

      assign in      = wdata_i;
      assign rdata_o = out[WIDTH-1:0];
      assign ada     = (waddr_i << (BLOCK_BITS - ENTRY_BITS)) | ENABLES;
      assign adb     = raddr_i << (BLOCK_BITS - ENTRY_BITS);

      for (n = 0; n < PARTS; n = n + 1) begin : gen_part
        wire [31:0] din = in[PART*n +: PART];
        wire [31:0] dout;
        SDPB #(
          .READ_MODE(1'b0), .BIT_WIDTH_0(PART), .BIT_WIDTH_1(PART),
          .BLK_SEL_0(3'b000), .BLK_SEL_1(3'b000), .RESET_MODE("SYNC")
        ) u_ram (
          .CLKA(clk_i), .CEA(we_i), .BLKSELA(3'b000), .ADA(ada), .DI(din),
          .CLKB(clk_i), .CEB(1'b1), .OCE(1'b1), .RESETA(1'b0), .RESETB(1'b0), .BLKSELB(3'b000), .ADB(adb), .DO(dout)
        );
        assign out[PART*n +: PART] = dout[PART-1:0];
      end
    end
  endgenerate

endmodule

`default_nettype wire
