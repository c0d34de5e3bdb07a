// deku_weight_ram: the latents of one slice, in four planes of 64-bit words behind one port.
//
// iCE40 UltraPlus: four SB_SPRAM256KA side by side, address {plane, word}; DEPTH is always 4096.
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

  genvar k;
  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_bank
      SB_SPRAM256KA u_ram (
        .ADDRESS({plane_i, addr_i}), .DATAIN(wdata_i[16*k +: 16]), .MASKWREN(4'b1111),
        .WREN(we_i), .CHIPSELECT(1'b1), .CLOCK(clk_i),
        .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1), .DATAOUT(rdata_o[16*k +: 16])
      );
    end
  endgenerate

endmodule

`default_nettype wire
