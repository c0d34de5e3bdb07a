//! The top of a board, simulated with behavioural pins and clock: the module inside answers, and waits
//! in reset as long as it must.

use deku_ref::wire::access::{emit_read, read_data};
use deku_ref::wire::{Access, Space};
use deku_rtlgen::board::{top::TOP, Board};
use deku_rtlgen::config::ModuleConfig;
use deku_rtlgen::generate;
use deku_sim::{Build, Program, SimOptions, Simulator};
use embedded_hal::spi::SpiDevice;
use std::path::{Path, PathBuf};

/// Around the board: the pins that the simulator knows. LEDs are shown as activity.
const AROUND: &str = "
module deku_top (
  input  wire       clk_i, rst_ni, spi_sck_i, spi_cs_ni, spi_mosi_i, uart_rx_i,
  output wire       spi_miso_o, irq_o, uart_tx_o,
  output wire [1:0] activity_o
);
  deku_board u_board (
    .clk_i(clk_i), .reset_ni(rst_ni), .spi_sck_i(spi_sck_i), .spi_cs_ni(spi_cs_ni),
    .spi_mosi_i(spi_mosi_i), .spi_miso_o(spi_miso_o), .irq_o(irq_o),
    .led_alive_no(activity_o[0]), .led_learning_no(activity_o[1])
  );
  assign uart_tx_o = uart_rx_i;
endmodule
";

/// The simulator's top is called like the module's, so the module gets another name.
fn renamed(text: &str) -> String {
    text.replace("deku_top", "deku_module")
}

fn program(board: &Board) -> Option<(ModuleConfig, Program)> {
    deku_sim::testing::verilator_for(&format!("top of {}", board.name))?;
    let config = ModuleConfig::builtin(&board.config).unwrap();
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("board").join(&board.name);
    let _ = std::fs::remove_dir_all(&out);
    generate::write(&out, &generate::all_files(std::slice::from_ref(&config))).unwrap();
    let folder = Path::new("hdl/boards").join(&board.name);
    let own = generate::board_files(board).unwrap();
    let own: Vec<_> = own.into_iter().map(|(path, text)| (folder.join(path), text)).collect();
    generate::write(&out, &own).unwrap();
    let folder = out.join(folder);
    let list = std::fs::read_to_string(folder.join("files.f")).unwrap();
    let mut sources: Vec<PathBuf> = list.lines().map(|line| folder.join(line)).collect();
    for source in &sources {
        let text = std::fs::read_to_string(source).unwrap();
        std::fs::write(source, renamed(&text)).unwrap();
    }
    let around = folder.join("around.v");
    std::fs::write(&around, AROUND).unwrap();
    sources.push(around);
    let program = Build::new("deku_top").sources(sources).run().unwrap_or_else(|e| panic!("{e}"));
    Some((config, program))
}

/// The first registers, which say what the module is; `None` if the answer is damaged.
fn identity(sim: &Simulator) -> Option<Vec<u8>> {
    let access = Access::new(Space::Registers, 0, 8).unwrap();
    let mut frame = vec![0; access.read_len()];
    emit_read(access, &mut frame);
    sim.spi().transfer_in_place(&mut frame).unwrap();
    read_data(access, &frame).map(<[u8]>::to_vec)
}

fn expected(config: &ModuleConfig) -> Vec<u8> {
    let mut device = deku_ref::reference::OwnedDevice::on_heap(&config.capabilities()).unwrap();
    let access = Access::new(Space::Registers, 0, 8).unwrap();
    let mut frame = vec![0; access.read_len()];
    emit_read(access, &mut frame);
    device.exchange(&mut frame);
    read_data(access, &frame).unwrap().to_vec()
}

#[test]
fn the_module_on_a_board_answers_after_reset() {
    assert_eq!(TOP, "deku_board");
    let board = Board::builtin("icebreaker").unwrap();
    let Some((config, program)) = program(&board) else { return };
    let options = SimOptions { clk_hz: u64::from(config.clock_hz), ..SimOptions::quick() };
    let sim = Simulator::start(&program, options).unwrap();
    let want = expected(&config);

    sim.run_cycles(1000).unwrap();
    assert_eq!(identity(&sim).as_ref(), Some(&want));

    sim.reset(8).unwrap();
    assert_eq!(identity(&sim), None, "memories need time after configuration");
    sim.run_cycles(1000).unwrap();
    assert_eq!(identity(&sim), Some(want));
    assert!(!sim.pins().unwrap().irq);
}
