namespace Koopman.Experiments

open System
open System.Numerics
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>Linear systems whose eigenvalues are known, by dynamic mode decomposition.</summary>
[<RequireQualifiedAccess>]
module LinearCases =

    let private pairsOf (step: float) (states: Tensor) : Outcome<SnapshotPairs> =
        result {
            use! trajectories = Trajectories.create step [ states ]
            return! Trajectories.pairs 1 trajectories
        }

    /// Frequencies, ascending.
    let private frequencies (model: LinearModel) : float[] =
        model.Spectrum.Modes |> Array.map _.Frequency |> Array.sort

    /// z' = [[1,-2],[1,-1]] z under noise of .01 at 4000 steps of .01: total least squares removes the bias of noise.
    let private centre (seed: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()
            let generator = Tensors.ofRows 2 [| 1.0; -2.0; 1.0; -1.0 |]
            let step = torch.linalg.matrix_exp (0.01 * generator)
            let states = ResizeArray<Tensor>()
            let mutable z = Tensors.ofVector [| 1.0; 0.1 |]

            let clean =
                let rec orbit (n: int) =
                    states.Add z
                    z <- step.mv z

                    if n > 0 then
                        orbit (n - 1)

                orbit 4000
                torch.stack (states, 0L)

            let noise = 0.01 * Seed.normal [| 4001L; 2L |] seed
            use! pairs = pairsOf 0.01 (clean + noise)

            use! model =
                Dmd.fit
                    { Dmd.defaults with
                        Method = DmdMethod.TotalLeastSquares
                        Rank = DmdRank.Fixed 2
                    }
                    pairs

            return
                { KnownCase.plain (frequencies model) with
                    Residual = model.Spectrum.Modes |> Array.map _.Residual |> Array.max
                }
        }

    /// sech(x+3) e^{2.3it} + 2 sech(x) tanh(x) e^{2.8it}, its real and imaginary parts concatenated.
    let private waves (_: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()
            let x = Array.init 65 (fun i -> -5.0 + 10.0 * float i / 64.0)
            let step = 4.0 * Math.PI / 128.0

            let field (t: float) (x: float) =
                Complex.Exp(Complex(0.0, 2.3 * t)) / Complex(cosh (x + 3.0), 0.0)
                + Complex(2.0 * tanh x / cosh x, 0.0) * Complex.Exp(Complex(0.0, 2.8 * t))

            let rows =
                Array.init 129 (fun i ->
                    let values = x |> Array.map (field (step * float i))
                    Array.append (values |> Array.map _.Real) (values |> Array.map _.Imaginary))
                |> Array.concat

            use! pairs = pairsOf step (Tensors.ofRows 129 rows)
            use! model = Dmd.fit Dmd.defaults pairs

            return
                { KnownCase.plain (frequencies model) with
                    Residual = model.Spectrum.Modes |> Array.map _.Residual |> Array.max
                }
        }

    /// Proctor, Brunton and Kutz: an unstable system under feedback, with the known input matrix.
    let private control (_: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()
            let x = Tensors.ofRows 4 [| 4.0; 7.0; 2.0; 0.7; 1.0; 0.07; 0.5; 0.007 |]
            let y = Tensors.ofRows 4 [| 2.0; 0.7; 1.0; 0.07; 0.5; 0.007; 0.25; 0.0007 |]
            use! plain = SnapshotPairs.create 1.0 x y

            use! pairs =
                SnapshotPairs.withInputs (Tensors.ofRows 4 [| -4.0; -2.0; -1.0; -0.5 |]) plain

            use! model = Dmd.fitWithInput Dmd.defaults (Tensors.ofRows 1 [| 1.0; 0.0 |]) pairs
            return KnownCase.plain (model.Spectrum.Eigenvalues |> Array.map _.Real |> Array.sort)
        }

    /// <summary>All cases.</summary>
    let all: KnownCase list =
        [
            {
                Id = "D2"
                What = "z' = [[1,-2],[1,-1]] z, noise .01: frequencies (total least squares DMD, 4000 steps)"
                Exact = [| -1.0; 1.0 |]
                Tolerance = 1e-3
                Compute = centre
            }
            {
                Id = "D3"
                What = "two waves: frequencies and their conjugates (DMD)"
                Exact = [| -2.8; -2.3; 2.3; 2.8 |]
                Tolerance = 1e-8
                Compute = waves
            }
            {
                Id = "D4"
                What = "unstable system under feedback: eigenvalues (DMD with control, known input matrix)"
                Exact = [| 0.1; 1.5 |]
                Tolerance = 1e-7
                Compute = control
            }
        ]
