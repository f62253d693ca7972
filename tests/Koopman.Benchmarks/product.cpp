// The peer of Products.cs: the median time of the same product, in nanoseconds.
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

int main() {
    torch::NoGradGuard guard;
    const auto a = torch::rand({2048, 2048}, torch::kFloat64);
    const auto b = torch::rand({2048, 2048}, torch::kFloat64);
    std::vector<double> times;
    for (int i = 0; i < 20; i++) {
        const auto start = std::chrono::steady_clock::now();
        const auto c = a.matmul(b);
        times.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    std::cout << times[times.size() / 2] << "\n";
}
