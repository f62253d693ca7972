namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open MathNet.Numerics.LinearAlgebra
open TorchSharp
open Koopman.Particles

/// <summary>Posteriors of a Gaussian prior in the plane, which are known exactly.</summary>
[<RequireQualifiedAccess>]
module Posterior =

    /// An observation y = x₁ + .3 x₂ + e with noise of this standard deviation.
    type private Observation = { Value: float; Noise: float }

    let private samples = 2000
    let private particles = 500
    let private covariance = array2D [ [ 1.0; 0.5 ]; [ 0.5; 1.5 ] ]
    let private direction = [| 1.0; 0.3 |]

    let private logLikelihood (observation: Observation) (samples: Samples) : float[] =
        Samples.values samples
        |> Array.chunkBySize 2
        |> Array.map (fun x ->
            let gap =
                (observation.Value - direction[0] * x[0] - direction[1] * x[1])
                / observation.Noise

            -0.5 * gap * gap)

    /// Mean and covariance of the posterior.
    let private exact (observation: Observation) : Vector<float> * Matrix<float> =
        let h = Vector<float>.Build.DenseOfArray direction
        let s2 = observation.Noise * observation.Noise
        let prior = Matrix<float>.Build.DenseOfArray covariance
        let posterior = (prior.Inverse() + h.OuterProduct h / s2).Inverse()
        posterior * h * (observation.Value / s2), posterior

    let private draw (mean: Vector<float>, covariance: Matrix<float>) (count: int) (seed: Seed) : Outcome<Samples> =
        use _ = torch.NewDisposeScope()

        let root =
            torch.tensor (covariance.Cholesky().Factor.ToArray(), dtype = torch.float64)

        let noise = Seed.normal [| int64 count; 2L |] seed
        Samples.ofTensor (noise.times (root.t ()) + Tensors.ofVector (mean.ToArray()))

    let private moments (samples: Samples) : Vector<float> * Matrix<float> =
        use mean = Samples.mean samples
        use covariance = Samples.covariance samples

        Vector<float>.Build.DenseOfArray(Tensors.toArray mean),
        Matrix<float>.Build.DenseOfRowMajor(2, 2, Tensors.toArray covariance)

    let private scores (observation: Observation) (reference: Samples) (independent: Samples) : Score list =
        let mean, covariance = exact observation
        let precision = covariance.Inverse()

        {
            Name = "kl"
            Of =
                fun particles ->
                    let m, c = moments particles
                    let gap = m - mean

                    0.5
                    * ((precision * c).Trace() - 2.0
                       + gap * (precision * gap)
                       + log (covariance.Determinant() / c.Determinant()))
        }
        :: Comparison.standard reference independent
        @ [
            {
                Name = "mean_error"
                Of = fun particles -> (fst (moments particles) - mean).L2Norm()
            }
            {
                Name = "trace_ratio"
                Of = fun particles -> (snd (moments particles)).Trace() / covariance.Trace()
            }
        ]

    let private picture (title: string) (samples: Samples) : Block =
        let x = Samples.values samples |> Array.chunkBySize 2

        [
            Layer.points 0 title (x |> Array.map (fun x -> x[0])) (x |> Array.map (fun x -> x[1]))
        ]
        |> Figure.create title (Axis.linear "x" |> Axis.between -4.0 4.0) (Axis.linear "y" |> Axis.between -4.0 4.0)
        |> Figure.withEqualUnits
        |> Block.Chart

    let private flow =
        { ParticleFlow.defaults with
            Length = Some 0.5
        }

    let private trial (size: Size) (strong: bool) (observation: Observation) (seed: Seed) : Outcome<Trial> =
        result {
            let prior = Vector<float>.Build.Dense 2, Matrix<float>.Build.DenseOfArray covariance

            let target = exact observation
            use! data = draw prior samples (Seed.derive "data" seed)
            use! start = draw prior particles (Seed.derive "start" seed)
            use! reference = draw target (4 * particles) (Seed.derive "reference" seed)
            use! independent = draw target particles (Seed.derive "independent" seed)
            use! posterior = Conditioning.weigh (logLikelihood observation data) data
            let scores = scores observation reference independent
            use! polynomials = Observables.monomials 6 2
            let mutable effective = nan

            let ours () =
                result {
                    let! found =
                        if strong then
                            Conditioning.generator
                                Control.none
                                { flow with Length = Some 0.3 }
                                (Seed.derive "flow" seed)
                                1.0
                                polynomials
                                posterior
                                particles
                        else
                            result {
                                use! field = ParticleField.fullRank 0.0 1.0 polynomials data

                                return!
                                    Conditioning.shift
                                        Control.none
                                        { flow with Jitter = 0.0 }
                                        (Seed.derive "flow" seed)
                                        field
                                        posterior
                                        start
                            }

                    effective <- found.EffectiveSize
                    return Drawn.ofFlow found.Flow
                }

            let! score =
                let mean, covariance = target
                Target.gaussian (mean.ToArray()) (covariance.ToArray())

            let! methods =
                [
                    Contenders.plain "kswgd" ours
                    yield! Contenders.simple (Manifold.euclidean 2) posterior start seed
                    Contenders.samples "start" (fun () -> Samples.take particles start)
                    Contenders.searched "mala" [ 0.01; 0.05; 0.2 ] (fun step ->
                        Chains.mala
                            Control.none
                            { Chains.defaults with Step = step }
                            (Seed.derive "mala" seed)
                            score
                            start)
                    Contenders.searched "svgd" [ 0.02; 0.1; 0.5 ] (fun step ->
                        Svgd.plain Control.none { Svgd.defaults with Step = step } score start)
                    Contenders.samples "floor" (fun () -> draw target particles (Seed.derive "floor" seed))
                ]
                |> Contenders.ofSize size
                |> Contenders.scored posterior scores

            use! shown = ours () |> Result.map _.Particles

            return
                {
                    Methods = methods
                    Facts = [ "effective_size", effective ]
                    Sections =
                        [
                            {
                                Heading = "Particles"
                                Blocks = [ Block.Beside [ picture "prior" start; picture "KSWGD" shown ] ]
                            }
                        ]
                }
        }

    let private caption (observation: Observation) (how: string) : string =
        $"y = {observation.Value} with noise {observation.Noise}, {samples} samples of the prior, {particles} particles, {how}. KL of the Gaussian with the particles' moments. The bootstrap is importance resampling; MALA and SVGD use the posterior's score."

    /// <summary>For <c>./koopman reproduce posterior</c>.</summary>
    let experiment: Experiment =
        let mild = { Value = 1.0; Noise = 0.7 }
        let strong = { Value = 2.0; Noise = 0.3 }

        {
            Name = "posterior"
            Summary = "a Gaussian prior conditioned, mildly by shifted moments and strongly by the weighted generator"
            Minutes = 2.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! first =
                            Comparison.over
                                (journal.Within "mild")
                                (size.Choose(5, 1))
                                (caption mild "shifted moments from the prior's particles")
                                (fun _ -> [])
                                (trial size false mild)
                                (fun p -> report (0.5 * p))
                                seed

                        let! second =
                            Comparison.over
                                (journal.Within "strong")
                                (size.Choose(5, 1))
                                (caption strong "weighted generator from a resampled start")
                                (fun _ -> [])
                                (trial size true strong)
                                (fun p -> report (0.5 + 0.5 * p))
                                seed

                        return Comparison.both "strong" first second
                    })
        }
