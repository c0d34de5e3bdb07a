// Runs probe.v for five clock edges and checks that it counted them.
#include <memory>

#include "Vprobe.h"
#include "verilated.h"

int main() {
  const std::unique_ptr<VerilatedContext> context(new VerilatedContext);
  const std::unique_ptr<Vprobe> model(new Vprobe(context.get()));
  for (int edge = 0; edge < 5; ++edge) {
    model->clk_i = 0;
    model->eval();
    model->clk_i = 1;
    model->eval();
  }
  return model->count_o == 5 ? 0 : 1;
}
