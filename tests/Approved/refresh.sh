#!/bin/sh
# Writes torchsharp-0.106.0.txt anew: the lines of TorchSharp's whole surface, expected in
# ../shared/reference/torchsharp-0.106.0-surface.txt beside the checkout, that Koopman.LibTorch implements.
# A member that is not TorchSharp's stays out, and the surface test then fails on it.
set -eu
cd "$(dirname "$0")/../.."
KOOPMAN_APPROVE=1 dotnet test tests/Koopman.LibTorch.Tests -c Release --filter "FullyQualifiedName~SurfaceTests" "$@"
