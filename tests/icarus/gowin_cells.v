// Block RAMs of Gowin FPGAs as far as Deku uses them: our own models, written from the description of SP and SDPB
// in Gowin's "BSRAM & SSRAM User Guide" (UG285), not the vendor's. Contents are unknown until written.
`timescale 1ns / 1ps
`default_nettype none

// The memory: 16,384 bits, seen as entries of WIDTH bits.
module gowin_block #(
  parameter WIDTH_A = 32, // bits of an entry as it is written
  parameter WIDTH_B = 32  // as it is read
) (
  input  wire        clka, // writes
  input  wire        wea,
  input  wire [13:0] ada,
  input  wire [31:0] di,
  input  wire        clkb, // reads
  input  wire        reb,
  input  wire        resetb,
  input  wire [13:0] adb,
  output reg  [31:0] dout
);

  initial begin
    if (WIDTH_A > 32 || WIDTH_B > 32) begin
      $display("entries of %0d and %0d bits: a block has 32 at most", WIDTH_A, WIDTH_B);
      $finish;
    end
  end

  reg mem [0:16383];
  integer k; // bit of an entry

  // Above one byte the lowest address bits enable the bytes of a write.
  function enabled(input integer bit_of_entry);
    enabled = WIDTH_A < 16 || ada[bit_of_entry / 8] === 1'b1;
  endfunction

  always @(posedge clka) begin
    if (wea) begin
      for (k = 0; k < WIDTH_A; k = k + 1) begin
        if (enabled(k)) mem[(ada & ~(WIDTH_A - 1)) + k] = di[k];
      end
    end
  end

  integer n; // bit of an entry
  always @(posedge clkb) begin
    if (resetb) dout <= 32'd0;
    else if (reb) begin
      dout <= 32'bx;
      for (n = 0; n < WIDTH_B; n = n + 1) dout[n] <= mem[(adb & ~(WIDTH_B - 1)) + n];
    end
  end

endmodule

module SP #(
  parameter READ_MODE  = 1'b0,
  parameter WRITE_MODE = 2'b00,
  parameter BIT_WIDTH  = 32,
  parameter BLK_SEL    = 3'b000,
  parameter RESET_MODE = "SYNC"
) (
  output wire [31:0] DO,
  input  wire [31:0] DI,
  input  wire [2:0]  BLKSEL,
  input  wire [13:0] AD,
  input  wire        WRE, CLK, CE, OCE, RESET
);

  initial begin
    if (READ_MODE !== 1'b0 || WRITE_MODE !== 2'b00 || RESET_MODE != "SYNC") begin
      $display("SP: not modelled: READ_MODE %b, WRITE_MODE %b, RESET_MODE %s", READ_MODE, WRITE_MODE, RESET_MODE);
      $finish;
    end
  end

  // Bypass and normal mode: what was read stays during writes, OCE has no effect.
  wire selected = CE & (BLKSEL == BLK_SEL);
  gowin_block #(.WIDTH_A(BIT_WIDTH), .WIDTH_B(BIT_WIDTH)) u_block (
    .clka(CLK), .wea(selected & WRE), .ada(AD), .di(DI),
    .clkb(CLK), .reb(selected & !WRE), .resetb(RESET), .adb(AD), .dout(DO)
  );

endmodule

module SDPB #(
  parameter READ_MODE   = 1'b0,
  parameter BIT_WIDTH_0 = 32,
  parameter BIT_WIDTH_1 = 32,
  parameter BLK_SEL_0   = 3'b000,
  parameter BLK_SEL_1   = 3'b000,
  parameter RESET_MODE  = "SYNC"
) (
  output wire [31:0] DO,
  input  wire [31:0] DI,
  input  wire [2:0]  BLKSELA, BLKSELB,
  input  wire [13:0] ADA, ADB,
  input  wire        CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB
);

  initial begin
    if (READ_MODE !== 1'b0 || RESET_MODE != "SYNC") begin
      $display("SDPB: not modelled: READ_MODE %b, RESET_MODE %s", READ_MODE, RESET_MODE);
      $finish;
    end
  end

  gowin_block #(.WIDTH_A(BIT_WIDTH_0), .WIDTH_B(BIT_WIDTH_1)) u_block (
    .clka(CLKA), .wea(CEA & (BLKSELA == BLK_SEL_0)), .ada(ADA), .di(DI),
    .clkb(CLKB), .reb(CEB & (BLKSELB == BLK_SEL_1)), .resetb(RESETB), .adb(ADB), .dout(DO)
  );

endmodule

`default_nettype wire
