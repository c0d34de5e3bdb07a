// Block RAM of the ECP5 as far as Deku uses it: our own model, written from the description of DP16KD in Lattice's
// "ECP5 and ECP5-5G Memory User's Guide" (FPGA-TN-02204), not the vendor's. Contents are unknown until written; output
// registers, resets and chip selects other than 0 are not used and end the simulation.
`timescale 1ns / 1ps
`default_nettype none

// 1,024 entries of 18 bits. An entry of 1, 2 or 4 bits lies in the low 16 bits of these, one of 9 or 18 in all;
// one of 36 is two of them.
module deku_dp16kd #(
  parameter DATA_WIDTH_A = 18, // bits of an entry at port A
  parameter DATA_WIDTH_B = 18, // at port B
  parameter REGMODE      = "NOREG"
) (
  input  wire        clka,
  input  wire        cea,
  input  wire        wea,
  input  wire [13:0] ada,
  input  wire [17:0] dia,
  output reg  [17:0] doa,
  input  wire        clkb,
  input  wire        ceb,
  input  wire        web,
  input  wire [13:0] adb,
  input  wire [17:0] dib,
  output reg  [17:0] dob,
  input  wire        illegal
);

  reg mem [0:18431]; // bit b of entry e of 18 bits at 18 * e + b
  integer k;         // bit of an entry

  always @(illegal) begin
    if (illegal !== 1'b0 || REGMODE != "NOREG") begin
      $display("a use of DP16KD that is not modelled");
      $finish;
    end
  end

  // Where bit k of the entry of a width is, for an address in units of a bit.
  function [31:0] place(input integer width, input [13:0] address, input integer bit_of_entry);
    case (width)
      36: place = 18 * {address[13:5], 1'b0} + bit_of_entry;
      18: place = 18 * address[13:4] + bit_of_entry;
      9: place = 18 * address[13:4] + 9 * address[3] + bit_of_entry;
      // Eight bits of every nine are used.
      4: place = 18 * address[13:4] + 9 * address[3] + 4 * address[2] + bit_of_entry;
      2: place = 18 * address[13:4] + 9 * address[3] + 2 * address[2:1] + bit_of_entry;
      default: place = 18 * address[13:4] + 9 * address[3] + address[2:0];
    endcase
  endfunction

  // From 18 bits on the lowest address bits enable the bytes (of 9 bits) of a write.
  function enabled(input integer width, input [13:0] address, input integer bit_of_entry);
    enabled = width < 18 || address[bit_of_entry / 9] === 1'b1;
  endfunction

  wire [35:0] wide = {dib, dia}; // an entry of 36 bits to write

  always @(posedge clka) begin
    if (cea) begin
      for (k = 0; k < DATA_WIDTH_A && DATA_WIDTH_A <= 18; k = k + 1) begin
        doa[k] <= mem[place(DATA_WIDTH_A, ada, k)];
      end
      for (k = 0; wea && k < DATA_WIDTH_A; k = k + 1) begin
        if (enabled(DATA_WIDTH_A, ada, k)) mem[place(DATA_WIDTH_A, ada, k)] <= wide[k];
      end
    end
  end

  always @(posedge clkb) begin
    if (ceb) begin
      for (k = 0; k < 18 && k < DATA_WIDTH_B; k = k + 1) begin
        if (DATA_WIDTH_B == 36) begin
          doa[k] <= mem[place(36, adb, k)];
          dob[k] <= mem[place(36, adb, k + 18)];
        end else begin
          dob[k] <= mem[place(DATA_WIDTH_B, adb, k)];
        end
      end
      for (k = 0; web && k < DATA_WIDTH_B && DATA_WIDTH_B <= 18; k = k + 1) begin
        if (enabled(DATA_WIDTH_B, adb, k)) mem[place(DATA_WIDTH_B, adb, k)] <= dib[k];
      end
    end
  end

endmodule

// The cell, with its single wires.
module DP16KD #(
  parameter DATA_WIDTH_A        = 18,
  parameter DATA_WIDTH_B        = 18,
  parameter REGMODE_A           = "NOREG",
  parameter REGMODE_B           = "NOREG",
  parameter RESETMODE           = "SYNC",
  parameter ASYNC_RESET_RELEASE = "SYNC",
  parameter CSDECODE_A          = "0b000",
  parameter CSDECODE_B          = "0b000",
  parameter WRITEMODE_A         = "NORMAL",
  parameter WRITEMODE_B         = "NORMAL",
  parameter CLKAMUX             = "CLKA",
  parameter CLKBMUX             = "CLKB",
  parameter GSR                 = "DISABLED",
  // Contents after configuration: nothing relies on them.
  parameter INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0, INITVAL_04 = 0, INITVAL_05 = 0, INITVAL_06 = 0, INITVAL_07 = 0,
  parameter INITVAL_08 = 0, INITVAL_09 = 0, INITVAL_0A = 0, INITVAL_0B = 0, INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0, INITVAL_0F = 0,
  parameter INITVAL_10 = 0, INITVAL_11 = 0, INITVAL_12 = 0, INITVAL_13 = 0, INITVAL_14 = 0, INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0,
  parameter INITVAL_18 = 0, INITVAL_19 = 0, INITVAL_1A = 0, INITVAL_1B = 0, INITVAL_1C = 0, INITVAL_1D = 0, INITVAL_1E = 0, INITVAL_1F = 0,
  parameter INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0, INITVAL_23 = 0, INITVAL_24 = 0, INITVAL_25 = 0, INITVAL_26 = 0, INITVAL_27 = 0,
  parameter INITVAL_28 = 0, INITVAL_29 = 0, INITVAL_2A = 0, INITVAL_2B = 0, INITVAL_2C = 0, INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0,
  parameter INITVAL_30 = 0, INITVAL_31 = 0, INITVAL_32 = 0, INITVAL_33 = 0, INITVAL_34 = 0, INITVAL_35 = 0, INITVAL_36 = 0, INITVAL_37 = 0,
  parameter INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B = 0, INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0
) (
  input  wire DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8,
  input  wire DIA9, DIA10, DIA11, DIA12, DIA13, DIA14, DIA15, DIA16, DIA17,
  input  wire ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6,
  input  wire ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
  output wire DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8,
  output wire DOA9, DOA10, DOA11, DOA12, DOA13, DOA14, DOA15, DOA16, DOA17,
  input  wire CLKA, CEA, OCEA, WEA, RSTA, CSA0, CSA1, CSA2,
  input  wire DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8,
  input  wire DIB9, DIB10, DIB11, DIB12, DIB13, DIB14, DIB15, DIB16, DIB17,
  input  wire ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6,
  input  wire ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
  output wire DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8,
  output wire DOB9, DOB10, DOB11, DOB12, DOB13, DOB14, DOB15, DOB16, DOB17,
  input  wire CLKB, CEB, OCEB, WEB, RSTB, CSB0, CSB1, CSB2
);

  deku_dp16kd #(
    .DATA_WIDTH_A(DATA_WIDTH_A), .DATA_WIDTH_B(DATA_WIDTH_B),
    .REGMODE(REGMODE_A == "NOREG" && REGMODE_B == "NOREG" ? "NOREG" : "OUTREG")
  ) u_block (
    .clka(CLKA), .cea(CEA), .wea(WEA),
    .ada({ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5,
      ADA4, ADA3, ADA2, ADA1, ADA0}),
    .dia({DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9,
      DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0}),
    .doa({DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9,
      DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0}),
    .clkb(CLKB), .ceb(CEB), .web(WEB),
    .adb({ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5,
      ADB4, ADB3, ADB2, ADB1, ADB0}),
    .dib({DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9,
      DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0}),
    .dob({DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9,
      DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0}),
    .illegal(RSTA || RSTB || CSA0 || CSA1 || CSA2 || CSB0 || CSB1 || CSB2)
  );

endmodule

`default_nettype wire
