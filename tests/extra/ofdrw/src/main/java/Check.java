import java.nio.file.Path;
import java.security.Security;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.ofdrw.converter.export.ImageExporter;
import org.ofdrw.core.basicStructure.ofd.docInfo.CT_DocInfo;
import org.ofdrw.core.signatures.SigType;
import org.ofdrw.gm.ses.v4.SESeal;
import org.ofdrw.gm.ses.v4.SES_SealInfo;
import org.ofdrw.gm.ses.v4.SES_Signature;
import org.ofdrw.reader.ContentExtractor;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;

/** `Check FILE.ofd PICTURES`: reads text and metadata, verifies every seal, draws every page. */
public class Check {
  public static void main(String[] args) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    Path file = Path.of(args[0]);
    try (OFDReader reader = new OFDReader(file)) {
      System.out.println("pages " + reader.getNumberOfPages());
      CT_DocInfo info = reader.getOFDDir().getOfd().getDocBody().getDocInfo();
      System.out.println("title " + info.getTile());
      System.out.println("ZZBS " + info.getCustomDatas().getCustomDataValue("ZZBS"));
      System.out.println("text " + String.join("|", new ContentExtractor(reader).extractAll()));
    }
    try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
      SESV4ValidateContainer gbt38540 = new SESV4ValidateContainer();
      validator.setValidator((type, algorithm, content, signature) -> {
        gbt38540.validate(type, algorithm, content, signature);
        sealMaker(SES_Signature.getInstance(signature));
        System.out.println("seal " + type + " holds");
      });
      validator.exeValidate();
    }
    try (ImageExporter exporter = new ImageExporter(file, Path.of(args[1]), "PNG", 8d)) {
      exporter.export();
      System.out.println("drawn " + exporter.getImgFilePaths().size());
    }
  }

  /** The maker's signature over the seal itself, GB/T 38540-2020 6.1.3, which ofdrw leaves to its callers. */
  private static void sealMaker(SES_Signature signature) {
    SESeal seal = signature.getToSign().getEseal();
    SES_SealInfo info = seal.geteSealInfo();
    System.out.println("seal name " + info.getProperty().getName().getString());
    try {
      var certificate = new org.bouncycastle.jcajce.provider.asymmetric.x509.CertificateFactory()
          .engineGenerateCertificate(new java.io.ByteArrayInputStream(seal.getCert().getOctets()));
      var body = new org.bouncycastle.asn1.ASN1EncodableVector();
      body.add(info);
      body.add(seal.getCert());
      body.add(seal.getSignAlgID());
      var check = java.security.Signature.getInstance(seal.getSignAlgID().getId(), "BC");
      check.initVerify(certificate);
      check.update(new org.bouncycastle.asn1.DERSequence(body).getEncoded("DER"));
      if (!check.verify(seal.getSignedValue().getOctets())) {
        throw new IllegalStateException("the seal's own signature does not hold");
      }
    } catch (java.security.GeneralSecurityException | java.io.IOException error) {
      throw new IllegalStateException(error);
    }
  }
}
