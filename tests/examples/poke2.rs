//! Scratch.
use deku_sim::*; use deku_driver::*; use deku_ref::*; use deku_tests::*;
struct Log<T>(T,bool);
impl<T:Transport> Transport for Log<T>{ type Error=T::Error; fn exchange(&mut self,f:&mut [u8])->std::result::Result<(),T::Error>{ let t=f.to_vec(); self.0.exchange(f)?; if self.1 { println!("> {t:02x?}\n< {f:02x?}"); } Ok(()) } fn max_frame(&self)->usize{self.0.max_frame()} }
fn main(){ let a:Vec<String>=std::env::args().collect(); let seed:u32=a[1].parse().unwrap(); let r=bench::root().join("hdl"); let p=Build::new("deku_top").folder(r.join("nano")).unwrap().folder(r.join("primitives")).unwrap().folder(r.join("primitives/behavioural")).unwrap().trace(Trace::Vcd).run().unwrap(); let s=Simulator::start(&p,SimOptions{sck_hz:10_000_000,trace:a.get(2).map(Into::into),..SimOptions::quick()}).unwrap();
 let mut d=Deku::<_>::connect_with(Log(SpiTransport::new(s.spi()),false),(),Options{attempts:3,..Options::DEFAULT}).unwrap(); let mut random=Xorshift32::derived(seed); random.skip(16); let c=case::Case::draw(&mut random,&bench::config("nano").capacity()); lockstep::load(&mut d,&c).unwrap(); d.set_format(deku_ref::sample::Format::PackedSigned).unwrap(); d.transport().1=true; println!("{:?}",c.network);
 for _ in 0..3 { let e=c.example(&mut random); println!("{e:?}"); let r=d.stream([e.get()],|_,_,r|println!("{r:?}")); println!("{:?}",r.map_err(|e|e.to_string())); } }
