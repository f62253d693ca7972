namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open TorchSharp
open Koopman.Metrics

/// <summary>A map from noise to data, for evaluation: points (n, d) at t = 1, or at several times, from noise (n, d).</summary>
[<NoComparison; NoEquality>]
type NoiseMap = Tensor -> Outcome<Tensor>

/// <summary>
/// Distances of generators to a planar law with less noise than independent draws give: low-discrepancy noise against stratified references, the
/// same for all generators.
/// </summary>
[<Sealed>]
type PlaneJudge
    private (noises: Tensor list, references: Samples list, wideNoise: Tensor, wideReference: Samples, seed: Seed) =

    /// The samples of a map.
    let made (map: NoiseMap) (noise: Tensor) : Outcome<Samples> =
        map noise |> Result.bind (fun points -> using points Samples.ofTensor)

    /// <summary>Noise of the sliced distance and of errors along the way.</summary>
    member _.Noise: Tensor = wideNoise

    /// <summary>Exact points.</summary>
    member _.Reference: Samples = wideReference

    /// <summary>The exact W2, averaged over pairs of samples.</summary>
    member _.Exact(map: NoiseMap) : Outcome<float> =
        List.zip noises references
        |> Outcome.collect (fun (noise, reference) ->
            result {
                use! points = made map noise
                return! Wasserstein.exact points reference
            })
        |> Result.map List.average

    /// <summary>The sliced W2 of many points.</summary>
    member _.Sliced(map: NoiseMap) : Outcome<float> =
        result {
            use! points = made map wideNoise
            return Wasserstein.sliced 200 (Seed.derive "directions" seed) points wideReference
        }

    /// <summary>Exact samples against exact samples: the mean W2 and the sliced W2 as floors for the generators.</summary>
    member _.Floor(set: PlanarSet) : Outcome<struct (float * float)> =
        let other (count: int) (k: int) =
            PlanarSets.stratified set count (Seed.derive $"floor {k}" seed)

        result {
            let! exact =
                references
                |> List.indexed
                |> Outcome.collect (fun (k, reference) ->
                    result {
                        use! points = other reference.Count k
                        return! Wasserstein.exact points reference
                    })

            use! many = other wideReference.Count -1

            let sliced =
                Wasserstein.sliced 200 (Seed.derive "directions" seed) many wideReference

            return struct (List.average exact, sliced)
        }

    /// <summary>A judge with this many pairs of samples of a given size for the exact distance, and one large sample for the rest.</summary>
    static member Create(set: PlanarSet, pairs: int, matched: int, wide: int, seed: Seed) : Outcome<PlaneJudge> =
        let noise (count: int) (name: string) =
            Sobol.normal count 2 (Seed.derive $"noise {name}" seed)
            |> Result.map (fun exact -> using exact (fun t -> t.to_type torch.float32))

        let reference (count: int) (name: string) =
            PlanarSets.stratified set count (Seed.derive $"reference {name}" seed)

        result {
            let names = [ for k in 1..pairs -> string k ]
            let! noises = names |> Outcome.collect (noise matched)
            let! references = names |> Outcome.collect (reference matched)
            let! wideNoise = noise wide "wide"
            let! wideReference = reference wide "wide"
            return new PlaneJudge(noises, references, wideNoise, wideReference, seed)
        }

    interface System.IDisposable with
        /// <summary>Frees noise and references.</summary>
        member _.Dispose() : unit =
            for tensor in wideNoise :: noises do
                tensor.Dispose()

            for samples in wideReference :: references do
                (samples :> System.IDisposable).Dispose()
